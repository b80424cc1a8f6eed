# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Native do
  conversation = TaskerCore::Native::Conversation

  it "is of the gem's version" do
    expect(described_class::VERSION).to eq(TaskerCore::VERSION)
  end

  # Rust tells of a panic on the process's standard error.
  def without_standard_error
    kept = $stderr.dup
    $stderr.reopen(File::NULL)
    yield
  ensure
    $stderr.reopen(kept)
    kept.close
  end

  around { |example| without_standard_error { example.run } }

  it "turns a panic into an error that can be rescued" do
    expect { described_class.panic }.to raise_error(TaskerCore::InternalError, /panicked.*asked for/)
    expect(TaskerCore::InternalError.ancestors).to include(TaskerCore::Error, StandardError)
  end

  it "goes on after a panic" do
    100.times { expect { described_class.panic }.to raise_error(TaskerCore::InternalError) }
    expect(make_task("in_progress").status).to eq("in_progress")
  end

  it "turns panics on many threads at once into errors" do
    threads = Array.new(8) { Thread.new { Array.new(50) { Outcome.of { described_class.panic }.error[:class] }.uniq } }
    expect(threads.map(&:value)).to all(eq([TaskerCore::InternalError]))
  end

  describe conversation do
    let(:talk) { described_class.dependency_levels("a name", 1) }

    it "cannot be made from nothing" do
      expect { described_class.new }.to raise_error(TypeError, /allocator/)
      expect { described_class.allocate }.to raise_error(TypeError)
    end

    it "asks, is answered, and is over" do
      question = talk.resume(nil)
      expect(question).to match([a_kind_of(String), a_string_matching(/select/i), [1], false])
    end

    it "refuses rows without a request" do
      expect { talk.resume([]) }.to raise_error(TaskerCore::ConversationError)
    end

    it "refuses to go on without the answer" do
      talk.resume(nil)
      expect { talk.resume(nil) }.to raise_error(TaskerCore::ConversationError)
    end

    it "gives its own answer once, and not before it is over" do
      expect { talk.answer }.to raise_error(TaskerCore::ConversationError)
      talk.resume(nil)
      expect(talk.resume([])).to be_nil
      expect(talk.answer).to eq([])
      expect { talk.answer }.to raise_error(TaskerCore::ConversationError, /expected/)
      expect { talk.resume(nil) }.to raise_error(TaskerCore::ConversationError)
    end

    it "refuses rows of another shape" do
      [[[1]], [%w[a b c d e]], [[1.5, 1]], [["\xff", 1]], [[Time.at(0)]], [[:a]], [[]]].each do |rows|
        asked = described_class.dependency_levels("a name", 1)
        asked.resume(nil)
        expect { asked.resume(rows) }.to raise_error(TaskerCore::DecodeError), rows.inspect
      end
    end

    it "refuses arguments of another kind" do
      expect { described_class.dependency_levels("a name", "1") }.to raise_error(TypeError)
      expect { described_class.dependency_levels("a name", 2**64) }.to raise_error(RangeError)
      expect { described_class.dependency_levels(1) }.to raise_error(ArgumentError)
      expect do
        described_class.current_state("a name", "job", 1)
      end.to raise_error(TaskerCore::ConversationError, /"task" or "step".*"job"/)
    end

    it "can be dropped at any time" do
      1_000.times { described_class.dependency_levels("a name", 1).resume(nil) }
      GC.start
      expect(make_task.status).to eq("pending")
    end

    # Not when it is over: a thread of the pool may see to that, without Ruby's lock.
    it "is counted when its answer is read, once, and not before" do
      TaskerCore.reset_stats
      talk.resume(nil)
      talk.resume([])
      expect(TaskerCore::Native.answered).to be_empty
      talk.answer
      expect { talk.answer }.to raise_error(TaskerCore::ConversationError)
      expect(TaskerCore::Native.answered).to eq("a name" => 1)
    ensure
      TaskerCore.reset_stats
    end
  end
end
