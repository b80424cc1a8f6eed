# frozen_string_literal: true

require_relative "../rails_helper"

# The classes around the engine's SQL functions run them by a few methods. Where one of those has been replaced, it is called.
RSpec.describe Tasker::Functions::FunctionWrapper do
  functions = Tasker::Functions
  calls = {
    functions::FunctionBasedStepReadinessStatus => { for_task: ->(task) { [task.task_id] }, for_tasks: ->(task) { [[task.task_id]] } },
    functions::FunctionBasedTaskExecutionContext => { find: ->(task) { [task.task_id] }, for_tasks: ->(task) { [[task.task_id]] } },
    functions::FunctionBasedDependencyLevels => { for_task: ->(task) { [task.task_id] } },
    functions::FunctionBasedSystemHealthCounts => { call: ->(_) { [] } },
    functions::FunctionBasedAnalyticsMetrics => { call: ->(_) { [] } },
    functions::FunctionBasedSlowestSteps => { call: ->(_) { [] } },
    functions::FunctionBasedSlowestTasks => { call: ->(_) { [] } }
  }
  by_rows = [functions::FunctionBasedStepReadinessStatus, functions::FunctionBasedDependencyLevels]

  let(:task) { make_three_step_task }

  def override(type, method) = "#{type.name.demodulize}.#{method}"

  calls.each do |type, methods|
    methods.each do |method, arguments|
      # The repair that makes these two native; without it they are the engine's anyhow.
      repairs = type.name.include?("Slowest") ? %i[slowest] : []

      describe "#{type.name.demodulize}.#{method}", repairs: do
        it "asks a stubbed connection" do
          allow(type).to receive(:connection).and_raise(IOError, "not this one")
          expect { type.public_send(method, *arguments.call(task)) }.to answer_alike.raising(IOError).by_the_engine(override(type, method))
        end

        it "asks one that all of them share" do
          allow(described_class).to receive(:connection).and_raise(IOError, "not this one")
          expect { type.public_send(method, *arguments.call(task)) }.to answer_alike.raising(IOError).by_the_engine(override(type, method))
        end

        if by_rows.include?(type)
          it "goes through a stubbed from_sql_function" do
            allow(type).to receive(:from_sql_function) { |sql, binds, name| [sql, binds, name] }
            expect { type.public_send(method, *arguments.call(task)) }.to answer_alike.by_the_engine(override(type, method))
            expect(type.public_send(method, *arguments.call(task))).to match([/\ASELECT \* FROM /, anything, / Load\z/])
          end
        end

        it "is Rust's again afterwards" do
          allow(type).to receive(:connection).and_raise(IOError)
          RSpec::Mocks.space.reset_all
          TaskerCore.reset_stats
          type.public_send(method, *arguments.call(task))
          expect(answers_given.keys).to include(override(type, method))
          expect(answers_given.dig(override(type, method), :engine)).to eq(0)
        end
      end
    end
  end

  it "is asked by a workflow, too, and by what judges a task's end" do
    expect do
      workflow = ScriptedWorkflow.new("readiness_from_elsewhere", {})
      task = workflow.create
      asked = 0
      allow(functions::FunctionBasedStepReadinessStatus).to receive(:from_sql_function).and_wrap_original do |original, *arguments|
        asked += 1
        original.call(*arguments)
      end
      workflow.run(Tasker::Task.find(task.task_id))
      RSpec::Mocks.space.reset_all
      [asked.positive?, task.reload, task.status]
    end.to answer_alike
  end

  it "is asked by an analysis, too" do
    expect do
      allow(functions::FunctionBasedTaskExecutionContext).to receive(:connection).and_raise(IOError, "not this one")
      Outcome.of { Tasker::Analysis::RuntimeGraphAnalyzer.new(task:).analyze }
    ensure
      RSpec::Mocks.space.reset_all
    end.to answer_alike
  end
end
