//! Panics and coroutines out of turn.

use tasker_core::Error;
use tasker_core::hosted::HostedCoroutine;

#[test]
fn a_panic_is_an_error_and_ends_the_talk() {
    let mut coroutine = HostedCoroutine::start(|_| async { panic!("asked for {}", 7) });
    let Err(Error::Panic(message)) = coroutine.resume(None) else { panic!("no error") };
    assert_eq!(message, "asked for 7");
    assert!(matches!(coroutine.resume(None), Err(Error::OutOfTurn { .. })));
    assert!(matches!(coroutine.answer(), Err(Error::OutOfTurn { .. })));
}
