//! Networks, optimiser, replay memory, algorithms, methods.
