//! Products of matrices, by the crate `gemm`.
//!
//! Version 0.19 of the crate computes with AVX-512 where the processor has it, more than twice as fast as without; elsewhere version
//! 0.15 does, which dfdx multiplies with too. Each number of a product of several rows is one chain of fused multiply-adds along the depth in
//! both, so for the depths of a policy network they give the same bits; a test compares them where both can run. Only version 0.19 computes products
//! of up to 256 numbers as dot products of several sums where both factors lie along the depth; version 0.15 computes these.

use std::sync::LazyLock;

use crate::learner::network::Matrix;

/// Most numbers of a product that version 0.19 computes as dot products, where both factors lie along the depth.
const SMALL: usize = 256;

/// Name of the environment variable that, set to `off`, keeps the products from using AVX-512.
pub const AVX512_VARIABLE: &str = "PERENNIAL_AVX512";

/// A value of [`AVX512_VARIABLE`] that means nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{AVX512_VARIABLE} is `{0}` in the environment: it can be `off`, or `on`, which is the same as not being set")]
pub struct UnknownKernel(String);

/// Code that computes products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductKernel {
    /// With AVX-512.
    Avx512,
    /// With what else the processor has: FMA and AVX, or less.
    Common,
}

impl ProductKernel {
    /// The kernel of this process: the fastest that the processor has, unless [the environment](AVX512_VARIABLE) says otherwise.
    pub fn current() -> Self {
        static CURRENT: LazyLock<ProductKernel> = LazyLock::new(|| match ProductKernel::wants_avx512() {
            Ok(true) if has_avx512() => ProductKernel::Avx512,
            _ => ProductKernel::Common,
        });
        *CURRENT
    }

    /// Returns `false` if the environment says that AVX-512 is not to be used.
    ///
    /// # Errors
    /// Returns an error if the variable has another value than `on` or `off`. The products then do without AVX-512.
    pub fn wants_avx512() -> Result<bool, UnknownKernel> {
        let value = std::env::var_os(AVX512_VARIABLE).unwrap_or_default();
        match value.to_str() {
            Some("" | "on") => Ok(true),
            Some("off") => Ok(false),
            _ => Err(UnknownKernel(value.to_string_lossy().into_owned())),
        }
    }

    /// Name of the instruction set that it computes with on this processor.
    pub fn instructions(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512f",
            Self::Common => common_instructions(),
        }
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "x86")))]
fn has_avx512() -> bool {
    false
}

/// Returns what version 0.15 of the crate chooses, in the order in which it prefers them.
#[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
fn common_instructions() -> &'static str {
    if std::arch::is_x86_feature_detected!("fma") {
        "fma"
    } else if std::arch::is_x86_feature_detected!("avx") {
        "avx"
    } else if std::arch::is_x86_feature_detected!("sse2") {
        "sse2"
    } else {
        "scalar"
    }
}

/// Returns what version 0.15 of the crate chooses.
#[cfg(target_arch = "aarch64")]
fn common_instructions() -> &'static str {
    if std::arch::is_aarch64_feature_detected!("neon") {
        "neon"
    } else {
        "scalar"
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")))]
fn common_instructions() -> &'static str {
    "scalar"
}

/// A matrix to be multiplied: rows of a [`Matrix`], as they are or transposed.
#[derive(Clone, Copy)]
pub struct Factor<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Factor<'a> {
    /// The first `rows` rows of a matrix.
    pub fn rows_of(matrix: &'a Matrix, rows: usize) -> Self {
        assert!(rows <= matrix.rows());
        Self {
            numbers: matrix.numbers(),
            rows,
            columns: matrix.columns(),
            row_stride: matrix.stride(),
            column_stride: 1,
        }
    }

    /// The same with the zeros that fill up the rows.
    pub fn filled_rows_of(matrix: &'a Matrix) -> Self {
        Self {
            columns: matrix.stride(),
            ..Self::from(matrix)
        }
    }

    /// The transposed matrix.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// The product with `right`, as a matrix of its own.
    pub fn product(self, right: Factor<'_>) -> Matrix {
        let mut result = Matrix::zeros(self.rows, right.columns);
        let stride = result.stride();
        multiply(ProductKernel::current(), self, right, result.numbers_mut(), stride);
        result
    }

    /// Number of numbers up to the last that is read.
    fn extent(&self) -> usize {
        match (self.rows.checked_sub(1), self.columns.checked_sub(1)) {
            (Some(row), Some(column)) => row * self.row_stride + column * self.column_stride + 1,
            _ => 0,
        }
    }
}

impl<'a> From<&'a Matrix> for Factor<'a> {
    fn from(matrix: &'a Matrix) -> Self {
        Self::rows_of(matrix, matrix.rows())
    }
}

/// Calls the product of one version of the crate. The extents must have been checked.
macro_rules! product_by {
    ($version:ident, $left:expr, $right:expr, $result:expr, $stride:expr) => {{
        let (left, right, result): (Factor<'_>, Factor<'_>, &mut [f32]) = ($left, $right, $result);
        // SAFETY: the caller has checked that the last number of each matrix lies within its slice; only `result` is written, and a
        // mutable slice overlaps no other.
        #[allow(unsafe_code, reason = "the crate takes pointers and strides")]
        unsafe {
            $version::gemm(
                left.rows,
                right.columns,
                left.columns,
                result.as_mut_ptr(),
                1,
                $stride as isize,
                false,
                left.numbers.as_ptr(),
                left.column_stride as isize,
                left.row_stride as isize,
                right.numbers.as_ptr(),
                right.column_stride as isize,
                right.row_stride as isize,
                // The factors of what is there, which is not read, and of the product.
                0.0_f32,
                1.0_f32,
                false,
                false,
                false,
                $version::Parallelism::None,
            );
        }
    }};
}

/// Writes the product of `left` and `right` to `result`, rows of `stride` numbers of which the first ones are overwritten.
///
/// # Panics
/// Panics if the shapes do not fit.
pub fn multiply(kernel: ProductKernel, left: Factor<'_>, right: Factor<'_>, result: &mut [f32], stride: usize) {
    let (rows, depth, columns) = (left.rows, left.columns, right.columns);
    assert_eq!(depth, right.rows, "the depths of a product differ");
    assert!(columns <= stride, "a product is wider than its place");
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(
        (rows - 1) * stride + columns <= result.len(),
        "a product is longer than its place"
    );
    assert!(left.extent() <= left.numbers.len() && right.extent() <= right.numbers.len());
    match kernel {
        // The AVX-512 version adds up small products of two rows in another order: see the module's documentation.
        ProductKernel::Avx512 if left.column_stride == 1 && right.row_stride == 1 && rows * columns <= SMALL => {
            product_by!(gemm_common_kernel, left, right, result, stride)
        }
        ProductKernel::Avx512 => product_by!(gemm, left, right, result, stride),
        ProductKernel::Common => product_by!(gemm_common_kernel, left, right, result, stride),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    /// A matrix of numbers of which sums are not exact.
    fn matrix(rows: usize, columns: usize) -> Matrix {
        let mut rng = crate::random::stream(rows as u64, "test", columns as u64);
        let numbers: Vec<f32> = (0..rows * columns)
            .map(|_| (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32 - 0.4)
            .collect();
        Matrix::from_rows(columns, &numbers)
    }

    fn kernels() -> impl Iterator<Item = ProductKernel> {
        let with = has_avx512().then_some(ProductKernel::Avx512);
        with.into_iter().chain([ProductKernel::Common])
    }

    #[test]
    fn products_are_those_of_the_definition_and_of_several_rows_the_same_by_every_kernel() {
        for (rows, depth, columns) in [
            (1, 1, 1),
            (1, 107, 128),
            (3, 5, 7),
            (16, 108, 128),
            (128, 129, 5),
            (130, 64, 48),
        ] {
            let (left, right) = (matrix(rows, depth), matrix(depth, columns));
            let turned = |matrix: &Matrix| {
                let mut turned = Matrix::zeros(matrix.columns(), matrix.rows());
                for (row, numbers) in matrix.iter().enumerate() {
                    numbers
                        .iter()
                        .enumerate()
                        .for_each(|(column, &number)| turned.row_mut(column)[row] = number);
                }
                turned
            };
            let (left_turned, right_turned) = (turned(&left), turned(&right));
            let lefts = [Factor::from(&left), Factor::from(&left_turned).transposed()];
            let rights = [Factor::from(&right), Factor::from(&right_turned).transposed()];
            for (left_factor, right_factor) in lefts.into_iter().flat_map(|left| rights.map(|right| (left, right))) {
                let stride = columns + 3;
                let results = kernels().map(|kernel| {
                    let mut result = vec![7.0; rows * stride];
                    multiply(kernel, left_factor, right_factor, &mut result, stride);
                    result
                });
                let results: Vec<Vec<f32>> = results.collect();
                for (row, result) in results[0].chunks_exact(stride).enumerate() {
                    for (column, &number) in result[..columns].iter().enumerate() {
                        let terms = (0..depth).map(|place| f64::from(left.row(row)[place]) * f64::from(right.row(place)[column]));
                        assert!((f64::from(number) - terms.sum::<f64>()).abs() < 1e-5);
                    }
                    assert_eq!(result[columns..], [7.0; 3], "what lies beside the product stays");
                }
                // A single row is multiplied in another way by each version.
                if rows > 1 {
                    let same = results.iter().all(|result| *result == results[0]);
                    assert!(same, "{rows} x {depth} x {columns}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "longer than its place")]
    fn a_product_that_would_leave_its_place_is_refused() {
        let matrix = matrix(4, 4);
        multiply(ProductKernel::Common, (&matrix).into(), (&matrix).into(), &mut [0.0; 15], 4);
    }

    #[test]
    #[should_panic(expected = "depths of a product differ")]
    fn factors_that_do_not_fit_are_refused() {
        let (left, right) = (matrix(4, 4), matrix(5, 4));
        multiply(ProductKernel::Common, (&left).into(), (&right).into(), &mut [0.0; 16], 4);
    }
}
