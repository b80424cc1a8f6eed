//! Whole numbers in given proportions.

use super::FactoryError;

/// Splits `total` in proportion to `weights`: the parts add up to `total`, each is less than one away from its exact share, and what has
/// no share gets nothing.
///
/// The largest remainders are rounded up, of equals the earlier. O(n log n).
///
/// # Errors
///
/// [`FactoryError::InvalidShare`] for a weight that is negative or not finite, and where none is above zero (unless `total` is zero).
///
/// ```
/// use tasker_core::factories::apportion;
///
/// assert_eq!(apportion(30, &[0.3, 0.7])?, [9, 21]);
/// assert_eq!(apportion(10, &[1.0, 1.0, 1.0])?, [4, 3, 3]);
/// # Ok::<(), tasker_core::factories::FactoryError>(())
/// ```
pub fn apportion(total: usize, weights: &[f64]) -> Result<Vec<usize>, FactoryError> {
    let invalid = |weight: &f64| !weight.is_finite() || *weight < 0.0;
    if let Some(index) = weights.iter().position(invalid) {
        return Err(FactoryError::InvalidShare { index, weight: weights[index] });
    }
    // Dividing by the largest first keeps the sum finite.
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        let nothing = vec![0; weights.len()];
        return if total == 0 {
            Ok(nothing)
        } else {
            Err(FactoryError::InvalidShare { index: 0, weight: 0.0 })
        };
    }
    let sum: f64 = weights.iter().map(|weight| weight / largest).sum();
    let exact: Vec<f64> = weights.iter().map(|weight| weight / largest / sum * total as f64).collect();
    let mut parts: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut order: Vec<usize> = (0..weights.len()).filter(|&index| weights[index] > 0.0).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    round(total, &mut parts, &order);
    Ok(parts)
}

/// Floating-point numbers may leave the floors a little below or above; both are corrected in the order of the remainders.
fn round(total: usize, parts: &mut [usize], order: &[usize]) {
    let mut sum: usize = parts.iter().sum();
    for &index in order.iter().cycle() {
        if sum >= total {
            break;
        }
        parts[index] += 1;
        sum += 1;
    }
    for &index in order.iter().rev().cycle() {
        if sum <= total {
            break;
        }
        if parts[index] > 0 {
            parts[index] -= 1;
            sum -= 1;
        }
    }
}
