//! `Conversation.start`, which begins any operation of the core's registry or of the gem's own list, and a function for each of them.
//!
//! `Conversation.start(seam, operation, arguments, now)` takes the arguments in order, as an Array of which the last ones may be missing, or
//! those of an operation of the registry by name, as a Hash. The structs of the answer have the same form: Arrays, or Hashes.
//! `Conversation.step_readiness(seam, task, steps)` and so on take them in order.

use crate::arguments::{Given, RubyArguments};
use crate::boundary::guarded;
use crate::conversation::{Answer, RubyConversation, Started, values};
use crate::own;
use crate::values::Form;
use magnus::{Error, Object, RArray, RClass, Ruby, TryConvert, Value, function};
use std::time::{SystemTime, UNIX_EPOCH};
use tasker_core::coroutine::Coroutine;
use tasker_core::hosted::{StartError, typed};
use tasker_core::time::Timestamp;

/// A started operation.
pub(crate) type Begun = Result<Coroutine<Box<dyn Answer>>, StartError>;

/// An operation of the registry.
struct Registered {
    name: &'static str,
    start: fn(&mut RubyArguments<'_>, Timestamp, Form) -> Begun,
}

macro_rules! registered {
    ($($name:ident)*) => {
        const REGISTERED: &[Registered] = &[$(Registered {
            name: stringify!($name),
            start: |given, now, form| typed::$name(given, move || now, move |answer| values(answer, form)),
        }),*];

        fn define_registered(class: RClass) -> Result<(), Error> {
            $(
                fn $name(ruby: &Ruby, given: &[Value]) -> Started {
                    in_order(ruby, given, |given| typed::$name(given, clock, |answer| values(answer, Form::Positional)))
                }
                // Where the gem has an operation of the same name, it is the registry's with more arguments.
                if own::find(stringify!($name)).is_none() {
                    class.define_singleton_method(stringify!($name), function!($name, -1))?;
                }
            )*
            Ok(())
        }
    };
}

tasker_core::for_each_operation!(registered);

/// `now` is in microseconds, nil stands for the clock of the system.
fn start(ruby: &Ruby, seam: String, operation: String, given: Value, now: Option<i64>) -> Started {
    guarded(ruby, || {
        let now = now.map_or_else(clock, Timestamp);
        let form = RArray::from_value(given).map_or(Form::Named, |_| Form::Positional);
        let own = own::find(&operation).filter(|_| form == Form::Positional);
        let begun = RubyArguments::read(ruby, Given::from(given), |given| match own {
            Some(own) => (own.start)(given),
            None => begin(&operation, given, now, form),
        });
        Ok(RubyConversation::start(seam, begun?))
    })
}

fn begin(operation: &str, given: &mut RubyArguments<'_>, now: Timestamp, form: Form) -> Begun {
    let found = REGISTERED.iter().find(|registered| registered.name == operation);
    let registered = found.ok_or_else(|| StartError::UnknownOperation(operation.to_owned()))?;
    (registered.start)(given, now, form)
}

/// Starts an operation whose arguments follow the name of the overridden method.
pub(crate) fn in_order(
    ruby: &Ruby,
    given: &[Value],
    start: impl FnOnce(&mut RubyArguments<'_>) -> Begun,
) -> Started {
    guarded(ruby, || {
        let (seam, given) = given.split_first().ok_or_else(|| {
            Error::new(ruby.exception_arg_error(), "expected the name of a method, got no arguments")
        })?;
        let begun = RubyArguments::read(ruby, Given::InOrder(given), start)?;
        Ok(RubyConversation::start(String::try_convert(*seam)?, begun))
    })
}

fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("start", function!(start, 4))?;
    define_registered(class)?;
    own::define(class)
}
