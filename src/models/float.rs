//! Floats as the json gem writes them: by Florian Loitsch's Grisu2, which is not always the shortest text, so that no formatter of
//! Rust writes the same.

use num_bigint::BigUint;
use std::sync::LazyLock;

/// `mantissa * 2^exponent`
#[derive(Clone, Copy)]
struct Binary {
    mantissa: u64,
    exponent: i32,
}

impl Binary {
    fn new(value: f64) -> Self {
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        match (bits >> 52) & 0x7ff {
            0 => Binary { mantissa: fraction, exponent: -1074 },
            // Eleven bits fit.
            biased => Binary { mantissa: fraction | 1 << 52, exponent: biased as i32 - 1075 },
        }
    }

    fn normalized(self) -> Self {
        let shift = self.mantissa.leading_zeros();
        Binary { mantissa: self.mantissa << shift, exponent: self.exponent - shift as i32 }
    }

    /// The rounded upper half of the product.
    fn times(self, other: Binary) -> Self {
        let product = u128::from(self.mantissa) * u128::from(other.mantissa) + (1 << 63);
        Binary { mantissa: (product >> 64) as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

const FIRST_POWER: i32 = -348;
const STEP: i32 = 8;

/// Powers of ten, normalized and rounded to 64 bits: -348, -340, …, 340.
static POWERS: LazyLock<Vec<Binary>> =
    LazyLock::new(|| (0..87).map(|index| power_of_ten(FIRST_POWER + index * STEP)).collect());

fn power_of_ten(power: i32) -> Binary {
    let ten = BigUint::from(10u8).pow(power.unsigned_abs());
    // A fraction is scaled by more bits than its quotient needs.
    let scale = 1300;
    let scaled: BigUint = if power < 0 { (BigUint::from(1u8) << scale) / ten } else { ten << scale };
    let surplus = scaled.bits() - 64;
    let rounded = ((scaled >> (surplus - 1)) + 1u8) >> 1u8;
    let mantissa = rounded.iter_u64_digits().next().unwrap_or_default();
    Binary { mantissa, exponent: surplus as i32 - scale }
}

/// The power that brings an exponent into the range in which digits are generated.
fn cached_power(exponent: i32) -> (Binary, i32) {
    let approximate = (f64::from(-(exponent + 87)) * 0.301_029_995_663_981_14) as i32;
    let mut index = (approximate - FIRST_POWER) / STEP;
    loop {
        let power = POWERS[index as usize];
        match exponent + power.exponent + 64 {
            ..-60 => index += 1,
            -31.. => index -= 1,
            _ => return (power, FIRST_POWER + index * STEP),
        }
    }
}

/// The digits of a positive number, and the power of ten of the last one.
fn digits(value: f64) -> (Vec<u8>, i32) {
    let exact = Binary::new(value);
    let above = Binary { mantissa: (exact.mantissa << 1) + 1, exponent: exact.exponent - 1 }.normalized();
    let closer = if exact.mantissa == 1 << 52 { 2 } else { 1 };
    let below = Binary { mantissa: (exact.mantissa << closer) - 1, exponent: exact.exponent - closer };
    let below =
        Binary { mantissa: below.mantissa << (below.exponent - above.exponent), exponent: above.exponent };
    let (power, ten) = cached_power(above.exponent);
    let exact = exact.normalized().times(power);
    let mut above = above.times(power);
    let below = below.times(power);
    above.mantissa -= 1;
    generate(exact, above, above.mantissa - (below.mantissa + 1), -ten)
}

fn generate(exact: Binary, above: Binary, mut delta: u64, ten: i32) -> (Vec<u8>, i32) {
    let shift = -above.exponent;
    let one = 1u64 << shift;
    let mut distance = above.mantissa - exact.mantissa;
    let mut whole = above.mantissa >> shift;
    let mut fraction = above.mantissa & (one - 1);
    let mut digits = Vec::with_capacity(18);
    let push = |digits: &mut Vec<u8>, digit: u64| {
        if digit > 0 || !digits.is_empty() {
            digits.push(b'0' + digit as u8);
        }
    };
    for kappa in (0..10).rev() {
        let divisor = 10u64.pow(kappa);
        push(&mut digits, whole / divisor);
        whole %= divisor;
        let rest = (whole << shift) + fraction;
        if rest <= delta {
            round(&mut digits, delta, rest, divisor << shift, distance);
            return (digits, ten + kappa as i32);
        }
    }
    let mut last = ten;
    loop {
        fraction *= 10;
        delta *= 10;
        distance = distance.wrapping_mul(10);
        last -= 1;
        push(&mut digits, fraction >> shift);
        fraction &= one - 1;
        if fraction < delta {
            round(&mut digits, delta, fraction, one, distance);
            return (digits, last);
        }
    }
}

/// Brings the last digit closer to the exact value.
fn round(digits: &mut [u8], delta: u64, mut rest: u64, unit: u64, distance: u64) {
    let Some(last) = digits.last_mut() else { return };
    while rest < distance
        && delta - rest >= unit
        && (rest + unit < distance || distance - rest > rest + unit - distance)
    {
        *last -= 1;
        rest += unit;
    }
}

/// The text of a finite float.
pub(super) fn text(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return format!("{sign}0.0");
    }
    let (digits, ten) = digits(value.abs());
    let digits = String::from_utf8_lossy(&digits);
    let count = digits.len() as i32;
    let exponent = ten + count - 1;
    if ten >= 0 && exponent < 15 {
        return format!("{sign}{digits}{}.0", "0".repeat(ten as usize));
    }
    if ten < 0 && (ten > -7 || exponent.abs() < 10) {
        return match count + ten {
            point @ 1.. => {
                let (whole, fraction) = digits.split_at(point as usize);
                format!("{sign}{whole}.{fraction}")
            }
            point => format!("{sign}0.{}{digits}", "0".repeat(-point as usize)),
        };
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}
