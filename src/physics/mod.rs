//! The only set-up of Rapier: worlds, bodies, traction.
