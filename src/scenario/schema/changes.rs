//! Properties of a season that can change while it lasts, and the changes to them.
//!
//! Each group of properties (look, dynamics, weather, rewards, faults of the eye) is defined once, by [`changeable`], which also
//! defines the type of its changes: the same keys, of which any can be left out.

use super::super::Colour;

/// Linear interpolation, or what corresponds to it.
pub(crate) trait Mix {
    /// Interpolates towards `to` by `fraction` (0..1).
    fn mix(self, to: Self, fraction: f32) -> Self;
}

impl Mix for f32 {
    fn mix(self, to: Self, fraction: f32) -> Self {
        self + (to - self) * fraction
    }
}

impl Mix for Colour {
    fn mix(self, to: Self, fraction: f32) -> Self {
        Colour::mix(self, to, fraction)
    }
}

/// Defines a group of properties, the type of its changes, and the interpolation of both.
///
/// An attribute in brackets behind those of a field belongs to the group only; `plus` is a field of both types that does not
/// interpolate.
macro_rules! changeable {
    (
        $(#[$meta:meta])* $name:ident,
        $(#[$changes_meta:meta])* $changes:ident,
        $(plus $(#[$plus_meta:meta])* $plus:ident: $plus_type:ty,)?
        { $($(#[$field_meta:meta])* $([$own_meta:meta])? $field:ident: $type:ty,)* }
    ) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema, garde::Validate)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* $(#[$own_meta])? pub $field: $type,)*
            $($(#[$plus_meta])* pub $plus: $plus_type,)?
        }

        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema, garde::Validate)]
        $(#[$changes_meta])*
        #[serde(default, deny_unknown_fields)]
        pub struct $changes {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
            $($(#[$plus_meta])* pub $plus: $plus_type,)?
        }

        impl $name {
            /// Interpolates towards `to` by `fraction` (0..1): colours in OKLab, numbers linearly.
            pub fn mix(&self, to: &Self, fraction: f32) -> Self {
                Self {
                    $($field: $crate::scenario::schema::Mix::mix(self.$field, to.$field, fraction),)*
                    $($plus: Default::default(),)?
                }
            }

            /// Returns the group with a `fraction` (0..1) of the changes.
            pub fn changed(&self, changes: &$changes, fraction: f32) -> Self {
                let mut changed = self.clone();
                $(if let Some(to) = changes.$field {
                    // Once it is complete it is what was written, to the last bit.
                    changed.$field = if fraction >= 1.0 {
                        to
                    } else {
                        $crate::scenario::schema::Mix::mix(self.$field, to, fraction)
                    };
                })*
                changed
            }
        }

        impl $changes {
            /// Returns `true` if nothing changes.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

pub(super) use changeable;
