# frozen_string_literal: true

require_relative "../rails_helper"

# Rules for errors that an application adds to the engine's job. The repair orders the engine's own rules, and no others.
RSpec.describe TaskerCore::Fixes::TaskRunnerJob, repairs: %i[task_runner_job] do
  let(:engine_job) { Tasker::TaskRunnerJob }
  let(:told) { [] }

  around do |example|
    classes = [Tasker::TaskRunnerJob, Tasker::ApplicationJob, ActiveJob::Base]
    rules = classes.to_h { |job| [job, job.rescue_handlers] }
    example.run
  ensure
    rules.each { |job, handlers| job.rescue_handlers = handlers }
  end

  before { forget_jobs }

  # @return [Array] which rule was followed, and how often a job was put back, for each of these errors
  def followed(job_class = engine_job, errors: [Tasker::PermanentError.new("p"), Tasker::RetryableError.new("r"), ArgumentError.new("a")])
    errors.map do |error|
      told.clear
      forget_jobs
      job = job_class.new(0)
      job.define_singleton_method(:perform) { |*| raise error }
      outcome = Outcome.of { job.perform_now && nil }
      [told.dup, outcome.error&.fetch(:class), ActiveJob::Base.queue_adapter.enqueued_jobs.size]
    end
  end

  def tell(name) = ->(*arguments) { told << [name, arguments.last.class] }

  it "has the last word with a later `retry_on`, whatever the engine's rules say" do
    teller = tell(:retry_on)
    engine_job.retry_on(StandardError, wait: 1, attempts: 1) { |*arguments| teller.call(*arguments) }
    expect { followed }.to answer_alike
    errors = [Tasker::PermanentError, Tasker::RetryableError, ArgumentError]
    expect(followed.map(&:first)).to eq(errors.map { |error| [[:retry_on, error]] })
  end

  it "has the last word with a later `rescue_from` or `discard_on`, for a class above or a module" do
    stub_const("OddErrors", Module.new { def self.===(error) = error.message == "r" })
    { rescue_from: Exception, discard_on: StandardError, retry_on: Tasker::RetryableError }.each do |rule, error|
      teller = tell(rule)
      arguments = rule == :retry_on ? { attempts: 1 } : {}
      engine_job.public_send(rule, error, **arguments) { |*errors| teller.call(*errors) }
      expect { followed }.to answer_alike if rule != :retry_on
      expect(followed.map(&:first)).to all(be_present) if rule == :rescue_from
    end
    odd = tell(:odd)
    engine_job.rescue_from(OddErrors) { |error| odd.call(error) }
    expect(followed.map { |rule, *| rule.dig(0, 0) }).to eq(%i[discard_on odd discard_on])
  end

  it "has the last word of two rules with the later one, and with that of a subclass" do
    first, second, mine = %i[first second mine].map { |name| tell(name) }
    engine_job.rescue_from(ArgumentError) { |error| first.call(error) }
    engine_job.rescue_from(ArgumentError) { |error| second.call(error) }
    subclass = Class.new(engine_job) { def self.name = "MineJob" }
    subclass.rescue_from(Tasker::PermanentError) { |error| mine.call(error) }
    errors = [ArgumentError.new("a"), Tasker::PermanentError.new("p"), Tasker::RetryableError.new("r")]
    later = [[[:second, ArgumentError]], nil, 0]
    expect(followed(subclass, errors:)).to eq([later, [[[:mine, Tasker::PermanentError]], nil, 0], [[], nil, 1]])
    expect(followed(engine_job, errors:)).to eq([later, [[], nil, 0], [[], nil, 1]])
  end

  it "leaves what was declared above the engine's job behind the engine's rules, as Rails has it" do
    above = tell(:above)
    stub_const("AboveError", Class.new(StandardError))
    handlers = [*Tasker::ApplicationJob.rescue_handlers, ["AboveError", ->(error) { above.call(error) }]]
    # As if it had been declared before the engine's job was loaded.
    engine_job.rescue_handlers = [handlers.last, *engine_job.rescue_handlers]
    expect { followed(errors: [AboveError.new("above")]) }.to answer_alike
    expect(followed(errors: [AboveError.new("above")])).to eq([[[], nil, 1]])
  end

  it "orders the engine's own: a permanent error is discarded, a retryable one is tried again five times, others three times" do
    expect(followed).to eq([[[], nil, 0], [[], nil, 1], [[], nil, 1]])
    off = TaskerCore.without { followed }
    expect(off).to eq([[[], nil, 1], [[], nil, 1], [[], nil, 1]])
  end

  it "knows the engine's rules after the job was loaded anew" do
    anew = Class.new(Tasker::ApplicationJob) { def self.name = "Tasker::TaskRunnerJob" }
    anew.discard_on(Tasker::PermanentError)
    anew.retry_on(StandardError, attempts: 3)
    described_class.record_rules(anew)
    anew.rescue_from(ArgumentError) { nil }
    expect(anew.rescue_handlers.map { |rule| described_class.engine_rule?(anew, rule) }).to eq([true, true, false])
  end
end
