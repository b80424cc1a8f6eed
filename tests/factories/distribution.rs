//! Counts in given proportions.

use crate::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use tasker_core::factories::{FactoryError, apportion};

/// Weights of very different sizes, zeros among them.
fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => Just(0.0),
        4 => 0.0..1.0f64,
        2 => 0.0..1e6f64,
        1 => prop_oneof![Just(f64::MIN_POSITIVE), Just(1e-300), Just(1e300), Just(f64::MAX)],
    ]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn parts_add_up_and_stay_close_to_their_shares(total in 0usize..100_000, weights in vec(weight(), 1..12)) {
        let Ok(parts) = apportion(total, &weights) else {
            prop_assert!(total > 0 && weights.iter().all(|weight| *weight == 0.0));
            return Ok(());
        };
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().sum::<usize>(), total);
        let largest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let sum: f64 = weights.iter().map(|weight| weight / largest).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let exact = weight / largest / sum.max(f64::MIN_POSITIVE) * total as f64;
            prop_assert!((*part as f64 - exact).abs() < 1.0 + 1e-6, "{part} of {exact}");
            prop_assert!(*weight > 0.0 || *part == 0);
        }
    }

    #[test]
    fn equal_shares_differ_by_one_at_most(total in 0usize..10_000, kinds in 1usize..40) {
        let parts = apportion(total, &vec![0.1; kinds]).unwrap();
        let (least, most) = (parts.iter().min().unwrap(), parts.iter().max().unwrap());
        prop_assert!(most - least <= 1);
        prop_assert!(parts.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn shares_that_say_nothing_are_refused() {
    for (weights, index) in
        [(vec![1.0, -0.5], 1), (vec![f64::NAN], 0), (vec![0.0, f64::INFINITY], 1), (vec![0.0], 0)]
    {
        match apportion(3, &weights).unwrap_err() {
            FactoryError::InvalidShare { index: named, .. } => assert_eq!(named, index, "{weights:?}"),
            error => panic!("{error:?}"),
        }
    }
    let error = apportion(3, &[1.0, -0.5]).unwrap_err().to_string();
    assert!(
        error.starts_with("the share of choice 1 is -0.5: expected a finite number of at least 0"),
        "{error}"
    );
    assert!(apportion(3, &[]).is_err());
    assert_eq!(apportion(0, &[0.0, 0.0]).unwrap(), [0, 0]);
    assert_eq!(apportion(0, &[]).unwrap(), [0; 0]);
}
