# frozen_string_literal: true

require_relative "../rails_helper"

# How what an analysis costs grows with the task: ten times the steps take ten times as long, and would take a hundred times if it were
# quadratic. Times are the processor's own, the best of several and measured again if they are too long, so that a busy machine does not
# matter.
RSpec.describe Tasker::Analysis do
  def seconds_of
    Array.new(3) do
      GC.start
      begun = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
      yield
      Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - begun
    end.min
  end

  # @return [Float] the smallest of up to five
  def growth(small, large)
    (1..5).each_with_object([]) do |_, found|
      found << (seconds_of(&large) / seconds_of(&small))
      break found if found.last < 40
    end.min
  end

  def analyze(task)
    Rails.cache.clear
    Tasker::Analysis::RuntimeGraphAnalyzer.new(task: Tasker::Task.find(task.id)).analyze
  end

  describe Tasker::Analysis::RuntimeGraphAnalyzer, :transactional do
    sizes = [1_000, 10_000]
    { "a chain" => 1, "layers of four" => 4 }.each do |shape, width|
      it "takes ten times as long for ten times the steps of #{shape}, and not more statements" do
        small, large = sizes.map { |steps| make_layered_task(layers: steps / width, width:) }
        analyze(small)
        expect(count_queries { analyze(large) }).to eq(count_queries { analyze(small) })
        expect(growth(-> { analyze(small) }, -> { analyze(large) })).to be < 40
      end
    end
  end

  describe Tasker::Analysis::TemplateGraphAnalyzer do
    def chain(length)
      Array.new(length) do |index|
        Tasker::Types::StepTemplate.new(name: "step_#{index}", dependent_system: "specs", description: "", handler_class: ScriptedWorkflow::Handler,
                                        depends_on_step: index.zero? ? nil : "step_#{index - 1}")
      end
    end

    it "takes ten times as long for ten times the steps of a chain" do
      small, large = [1_000, 10_000].map { |length| chain(length) }
      expect(growth(-> { described_class.new(small).analyze }, -> { described_class.new(large).analyze })).to be < 40
    end
  end
end
