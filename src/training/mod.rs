//! A run from its first decision to its last, and how it resumes.
