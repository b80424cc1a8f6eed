# frozen_string_literal: true

module TaskerCore
  module Frames
    module Sequences
      # The steps of one sequence, each made at most once: one that is found by its name, or all of them. From any thread.
      class UnreadSteps
        NO_TYPES = {}.freeze # of columns beside the model's own
        private_constant :NO_TYPES

        # @return [Array<Integer>]
        attr_reader :ids

        # @param run [Run]
        # @param ids [Array<Integer>]
        # @param survey [Run::Survey] of the round
        # @param templates [Array<Tasker::Types::StepTemplate>] of the steps, in the same order
        def initialize(run, ids, survey, templates)
          @run = run
          @ids = ids
          @survey = survey
          @rows = survey.rows_among(ids)
          @templates = templates
          @made = Array.new(ids.size)
          @read = false
          @mutex = Mutex.new
        end

        # @param attributes [Hash] of the sequence, to which the steps are added
        def fill(attributes)
          @mutex.synchronize do
            next if attributes.key?(:steps)

            @run.keep_all_rows
            read unless @rows.all?
            attributes[:steps] = @rows.each_index.filter_map { |place| step_at(place) }
            attributes.default = nil
          end
        end

        # @param name [String]
        # @return [Tasker::WorkflowStep, nil] nil if there is none of that name here
        def find(name)
          place = @run.places_of(@templates)[name] or return
          @run.keep_all_rows unless @survey.near?(@ids[place])
          @mutex.synchronize do
            read unless @rows[place]
            step_at(place)
          end
        end

        private

        # @return [Tasker::WorkflowStep, nil] nil if it has gone
        def step_at(place)
          @made[place] ||= @rows[place] && made_of(@rows[place])
        end

        def made_of(row)
          step = Tasker::WorkflowStep.instantiate(row, NO_TYPES)
          definition = @run.definitions.steps[row["named_step_id"]]
          definition ? step.association(:named_step).target = definition : Records::NamedSteps.attach([step], @run)
          step
        end

        # A round of a large task reads the steps only that may come next, and what they wait for. The others are read all at once, as they
        # are now; the rounds that follow read them together with their own ({Run#keep_all_rows}).
        def read
          return if @read

          @read = true
          others = @rows.each_index.reject { |place| @rows[place] }
          ids = @ids.values_at(*others)
          found = Tasker::WorkflowStep.uncached { Tasker::WorkflowStep.where(workflow_step_id: ids).index_by(&:workflow_step_id) }
          Records::NamedSteps.attach(found.values, @run)
          others.zip(ids) { |place, id| @made[place] = found[id] }
        end
      end
    end
  end
end
