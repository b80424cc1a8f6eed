//! Panics and talks out of turn.

use tasker_core::Error;
use tasker_core::hosted::Talk;

#[test]
fn a_panic_is_an_error_and_ends_the_talk() {
    let mut talk = Talk::start(|_| async { panic!("asked for {}", 7) });
    let Err(Error::Panic(message)) = talk.resume(None) else { panic!("no error") };
    assert_eq!(message, "asked for 7");
    assert!(matches!(talk.resume(None), Err(Error::OutOfTurn { .. })));
    assert!(matches!(talk.answer(), Err(Error::OutOfTurn { .. })));
}
