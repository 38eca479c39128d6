//! What a garden year is, as text and as types.
