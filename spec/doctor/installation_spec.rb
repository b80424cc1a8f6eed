# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/doctor"

RSpec.describe "The doctor's look at the installation" do
  describe TaskerCore::Doctor::Core do
    it "is content with the extension" do
      expect(described_class.new.findings).to contain_exactly(have_attributes(status: :ok, text: "loaded, version #{TaskerCore::VERSION}"))
    end

    it "fails without one, and repeats the cure" do
      extension = TaskerCore::Extension.dup
      extension.load("tasker_core/no_such_extension")
      expect(described_class.new(extension:).findings).to contain_exactly(
        have_attributes(status: :fail, text: /could not be loaded \(cannot load such file/, cure: /\ARun `cd .* bundle exec rake compile`/)
      )
    end
  end

  describe TaskerCore::Doctor::BulkReads do
    def look(size, compiled: true)
      configuration = TaskerCore::Configuration.new({}).tap { |config| config.bulk_pool_size = size }
      allow(TaskerCore).to receive(:configuration).and_return(configuration)
      allow(TaskerCore::Native::BulkReadPool).to receive(:compiled?).and_return(compiled)
      described_class.new.findings
    end

    it "is content without a pool, and with one that can be opened" do
      expect(look(nil)).to contain_exactly(have_attributes(status: :ok, text: /\Ano pool/))
      expect(look(2)).to contain_exactly(have_attributes(status: :ok, text: /\Aa pool of 2 for each process/))
      expect(TaskerCore::Native::BulkReadPool.counts).to be_nil
    end

    it "fails where the extension was compiled without it, or the engine's connection is one that it cannot have" do
      expect(look(2, compiled: false)).to contain_exactly(
        have_attributes(status: :fail, text: /expected an extension that was compiled with it, got one without \(run `bundle config set/,
                        cure: /bulk_pool_size = 2/)
      )
      allow(Tasker::ApplicationRecord.connection.raw_connection).to receive(:ssl_in_use?).and_return(true)
      expect(look(2)).to contain_exactly(have_attributes(status: :fail, text: /expected a connection without TLS/))
    end
  end

  describe TaskerCore::Doctor::Settings do
    def check(env = {}, &)
      described_class.new(configuration: TaskerCore::Configuration.new(env).tap { |configuration| yield configuration if block_given? })
                     .findings
    end

    it "is content with the defaults" do
      names = TaskerCore::Fix::LIST.select(&:default).map(&:name)
      expect(check.map(&:status)).to all(eq(:ok))
      expect(check.last.text).to start_with("repairs: #{names.join(", ")}")
    end

    it "warns of a gem that is off" do
      expect(check("TASKER_CORE" => "off").first).to have_attributes(status: :warn, text: /\Athe gem is off/, cure: /TASKER_CORE/)
    end

    it "accepts shadow mode, and reports that fixes do not act there" do
      mode, repairs = check("TASKER_CORE" => "shadow")
      expect(mode).to have_attributes(status: :ok, text: /\Athe gem is in the shadow/)
      expect(repairs).to have_attributes(status: :ok, text: /\Arepairs \(which act when the gem is on only\): retries, /)
    end

    it "warns of each fix that is off" do
      findings = check { |configuration| configuration.repairs.telemetry = false }
      expect(findings.reject { |finding| finding.status == :ok }).to contain_exactly(
        have_attributes(status: :warn, text: /\Arepair telemetry is off\. With it: /, cure: /config\.repairs\.telemetry = false/)
      )
    end

    it "says so where there is none" do
      findings = check("TASKER_CORE_REPAIRS" => "off")
      expect(findings[1]).to have_attributes(status: :ok, text: /\Arepairs: none/)
      expect(findings.drop(2).size).to eq(TaskerCore::Fix::LIST.count(&:default))
    end
  end

  describe TaskerCore::Doctor::OverriddenMethods do
    subject(:findings) { described_class.new.findings }

    it "lists the methods that Rust answers" do
      expect(findings.map(&:status)).to eq([:ok])
      expect(findings.first.text).to start_with("#{TaskerCore::Override.all.size} native").and match(/^WorkflowStep\..*get_viable_steps/)
    end

    it "warns of one that other code has redefined" do
      original = Tasker::WorkflowStep.method(:get_viable_steps).unbind
      Tasker::WorkflowStep.define_singleton_method(:get_viable_steps) { |*| [] }
      expect(findings).to include(
        have_attributes(status: :warn, text: /\AWorkflowStep\.get_viable_steps is defined in #{__FILE__}:\d+/)
      )
      expect(findings.first.text).not_to include("get_viable_steps")
    ensure
      Tasker::WorkflowStep.singleton_class.define_method(:get_viable_steps, original)
    end

    it "warns where there is no extension" do
      allow(TaskerCore::Extension).to receive(:loaded?).and_return(false)
      expect(findings).to contain_exactly(have_attributes(status: :warn, text: /extension is not loaded/))
    end
  end

  describe TaskerCore::Doctor::EagerLoading do
    it "is content where everything can be loaded" do
      loaded = false
      expect(described_class.new(load: -> { loaded = true }).findings).to contain_exactly(have_attributes(status: :ok))
      expect(loaded).to be(true)
    end

    fault = -> { raise NameError, "uninitialized constant Tasker::Errors\nand more" }

    it "fails with the first fault, and names the fix" do
      expect(described_class.new(load: fault, repaired: false).findings).to contain_exactly(
        have_attributes(status: :fail, text: /is true: uninitialized constant Tasker::Errors\z/, cure: /config\.repairs\.eager_load/)
      )
    end

    it "names the file to correct where the fix is on" do
      load = -> { raise LoadError, "cannot load such file -- csv" }
      expect(described_class.new(load:, repaired: true).findings).to contain_exactly(
        have_attributes(status: :fail, text: /cannot load such file -- csv/, cure: /zeitwerk:check/)
      )
    end
  end

  describe TaskerCore::Doctor::GarbageCollection do
    def look(repair: true, **settings)
      configuration = TaskerCore::Configuration.new({}).tap { |config| config.repairs.forced_collections = repair }
      described_class.new(configuration:, **settings).findings
    end

    it "passes where the fix is on" do
      expect(look).to contain_exactly(have_attributes(status: :ok, text: "running steps forces no collection"))
    end

    it "warns where it is off, and says from how many steps on" do
      execution = Tasker::Types::ExecutionConfig.new(max_concurrent_steps_limit: 9)
      expect(look(repair: false, execution:)).to contain_exactly(
        have_attributes(status: :warn, text: /from 6 steps or 30 s on; up to 9 run at once/, cure: /forced_collections on/)
      )
    end

    it "warns of an application's own threshold, and of its own rule" do
      execution = Class.new(Tasker::Types::ExecutionConfig) { define_method(:gc_trigger_duration_threshold) { 1 } }.new
      executor = Class.new(Tasker::Orchestration::StepExecutor) { define_method(:should_trigger_gc?) { |*| true } }
      expect([*look(execution:), *look(executor:)]).to all(have_attributes(status: :warn, text: /\Athe application has a rule of its own/))
    end
  end

  describe TaskerCore::Doctor::ConnectionPool do
    def check(size, threads, steps = 3, adapter: "async")
      pool = instance_double(ActiveRecord::ConnectionAdapters::ConnectionPool, size:, checkout_timeout: 5)
      described_class.new(pool:, threads:, steps:, adapter:).findings
    end

    it "is content with a connection for each job and each step" do
      expect(check(8, 2)).to contain_exactly(
        have_attributes(status: :ok, text: "a pool of 8 for 2 jobs at once (async), each with 3 steps: 8 may be wanted")
      )
    end

    it "warns of a smaller one, and says how many" do
      expect(check(7, 2)).to contain_exactly(have_attributes(status: :warn, text: /: 8 may be wanted: steps wait/, cure: /`pool: 8`/))
    end

    it "fails for one in which the steps of a job find none" do
      expect(check(1, 1)).to contain_exactly(have_attributes(status: :fail, cure: /`pool: 4`/))
    end

    it "says that it does not know where only the adapter does" do
      expect(check(4, nil, adapter: "sidekiq")).to contain_exactly(have_attributes(status: :ok, text: /how many those are, sidekiq knows/))
    end

    it "reckons with the steps that the engine runs at once at least" do
      expect(described_class.steps_at_once).to eq(3)
      execution = Tasker::Configuration.configuration.execution
      allow(Tasker::Configuration.configuration).to receive(:execution)
        .and_return(execution.class.new(min_concurrent_steps: 5, max_concurrent_steps_limit: 9))
      expect(described_class.steps_at_once).to eq(5)
    end
  end

  describe TaskerCore::Doctor::JobThreads do
    it "knows how many jobs run at once with Rails' own adapters" do
      expect(%w[async inline test sidekiq].map { |adapter| described_class.of(adapter) })
        .to eq([Concurrent.processor_count, 1, 1, nil])
    end

    it "asks Solid Queue for its largest worker" do
      process = Struct.new(:kind, :attributes)
      processes = [process.new(:worker, { threads: 5 }), process.new(:worker, { fibers: 2 }), process.new(:dispatcher, { batch_size: 500 })]
      stub_const("SolidQueue::Configuration", Class.new { define_method(:configured_processes) { processes } })
      expect(described_class.of("solid_queue")).to eq(5)
    end
  end
end
