# frozen_string_literal: true

# Panics in Rust, wherever a spec wants them.
module Panics
  def self.included(group)
    # Rust reports a panic on the process's standard error.
    group.around do |example|
      kept = $stderr.dup
      $stderr.reopen(File::NULL)
      example.run
    ensure
      TaskerCore::Native.panic_in(0)
      $stderr.reopen(kept)
      kept.close
    end
  end

  # Has the call panic.
  def expect_panic(receiver, name, *)
    TaskerCore::Native.panic_in(1)
    expect { receiver.public_send(name, *) }
      .to raise_error(TaskerCore::InternalError, /panicked.*asked for/), "#{name} let the panic through"
  end

  # Runs the block with a panic in its first native call, then in its second, and so on until nothing panics any more.
  #
  # @param prepare [Proc] what is done before, without a panic; its result is given to the block
  # @yieldreturn [Object]
  # @return [Array<Array(Outcome, Array<String>)>] for each panic, what became of it and what the log said of it
  def with_each_panic(prepare = -> {})
    (1..).each_with_object([]) do |calls, outcomes|
      outcome = nil
      prepared = prepare.call
      # A look at the system's load holds for a while. Were it over in between, one run would have more calls than the others.
      TaskerCore::Frames::SystemLoad.forget
      lines = LogRecorder.lines do
        TaskerCore::Native.panic_in(calls)
        outcome = Outcome.of { yield prepared }
      end
      return outcomes if TaskerCore::Native.panic_in(0).positive?

      outcomes << [outcome, lines.grep(/tasker-core/)]
    end
  end
end
