# frozen_string_literal: true

require_relative "line_parts"

module TaskerCore
  module Frames
    # What the log says of one step, ten times while a worker holds it. What is the same in each line is put into words once, for as long as
    # nobody but the engine has the step in hands.
    class StepWords
      # Methods of a teller that are given a step or are not called on the short way to its line, by the engine's module that has them.
      TELLING = {
        "Tasker::Concerns::StructuredLogging" => %i[
          log_step_event should_log? log_structured build_structured_log_entry extract_standard_context determine_component_name
          apply_parameter_filtering format_log_output
        ],
        "Tasker::Concerns::EventPublisher" => %i[
          publish_step_started publish_step_before_handle publish_step_completed publish_step_failed extract_duration_from_step
          build_step_payload publish_event_with_logging
        ]
      }.freeze
      # Those of them that are private.
      PRIVATE = %i[
        should_log? build_structured_log_entry extract_standard_context determine_component_name apply_parameter_filtering
        format_log_output extract_duration_from_step build_step_payload publish_event_with_logging
      ].freeze
      # Readers that are asked once for many lines, by model.
      READERS = {
        "Tasker::WorkflowStep" => %i[workflow_step_id name named_step task],
        "Tasker::Task" => %i[task_id name named_task],
        "Tasker::NamedStep" => %i[name],
        "Tasker::NamedTask" => %i[name]
      }.freeze
      private_constant :TELLING, :PRIVATE, :READERS

      class << self
        # @param step [Tasker::WorkflowStep]
        # @param run [Run]
        # @return [StepWords, nil] nil where the application may have a say in what a step is called
        def of(step, run)
          return unless run.verdicts.compute_if_absent(self) { READERS.all? { |model, names| own_readers?(model.constantize, names) } }

          records = [step, step.named_step, task = step.task, task&.named_task]
          new(records, run) if records.all? { |record| plain?(record) }
        end

        # @param teller [Object] who logs
        # @param run [Run]
        # @return [Boolean] whether it tells of a step by the engine's methods only; the executor, whom no handler is given, is asked once
        def told_as_ever?(teller, run)
          return by_the_engine?(teller, run) unless teller.instance_of?(Tasker::Orchestration::StepExecutor)

          run.verdicts.fetch(teller) { run.verdicts[teller] = by_the_engine?(teller, run) }
        end

        private

        def by_the_engine?(teller, run)
          TELLING.all? do |_, names|
            run.known_methods?(teller.class, names)
          end && Stock::EngineCode.without_singleton_methods?(teller, *PRIVATE)
        rescue NameError
          false
        end

        # A record with methods of its own is somebody's double.
        def plain?(record)
          !record.nil? && record.singleton_methods.empty?
        end

        def own_readers?(model, names)
          generated = [model.generated_association_methods, model.send(:generated_attribute_methods)]
          names.all? do |name|
            reader = model.instance_method(name)
            generated.include?(reader.owner) || Stock::EngineCode.defines?(reader)
          end
        end
      end

      # @param records [Array] the step, its definition, its task and the definition of that
      # @param run [Run]
      def initialize(records, run)
        @run = run
        step, named_step, task, named_task = records
        @who = { entity_type: "step", entity_id: step.workflow_step_id, entity_name: named_step.name }
        @whose = { task_id: task.task_id, task_name: named_task.name }
        @who_text = LineParts.inner(@who)
        @whose_text = LineParts.inner(@whose)
        @tellers = {}.compare_by_identity
      end

      # @param teller [Object] who logs
      # @return [Boolean] whether the gem may speak for it
      def for?(teller)
        known = @tellers[teller]
        known.nil? ? @tellers[teller] = StepWords.told_as_ever?(teller, @run) : known
      end

      # @return [Hash] what the engine hands to `log_structured`
      def context(event_type, status, more)
        { **@who, event_type:, step_status: status, **@whose, **more }
      end

      # @param teller [Object] who logs
      # @param event_type [Symbol]
      # @param status [String] the state that the step is in
      # @param more [Hash] whatever else is told
      # @return [String, false, nil] its line; false where the log does not want it, nil where it takes more than to write it down
      def line(teller, event_type, status, more)
        return false unless Logs.wanted?(teller)

        more = news(more, status)
        written(teller, event_type, status, more) if more && writable?(teller.send(:telemetry_config), event_type, more)
      rescue StandardError
        nil # and the engine's way ends in the same error
      end

      private

      def written(teller, event_type, status, more)
        correlation_id = LineParts.text(teller.correlation_id)
        component = LineParts.text(teller.send(:determine_component_name))
        standard = LineParts.standard(teller)
        state = LineParts.text(status)
        rest = rest(more)
        return unless correlation_id && component && standard && state && rest

        %({"timestamp":"#{Logs.timestamp}","correlation_id":#{correlation_id},"component":#{component},"message":"Step #{event_type}",) +
          %(#{standard},#{@who_text},"event_type":"#{event_type}","step_status":#{state},#{@whose_text}#{rest})
      end

      def writable?(config, event_type, more)
        @who_text && @whose_text && LineParts.word?(event_type) && LineParts.usable?(config, more.keys)
      end

      # The engine says some things twice, and then in their first place.
      # @return [Hash, nil] what is told beyond the usual; nil where it is something else in the place of that
      def news(more, status)
        again = more.slice(:step_status, :task_id)
        return if again.any? { |key, value| !value.eql?(key == :task_id ? @whose[:task_id] : status) }

        more = more.except(:step_status, :task_id) unless again.empty?
        more unless more.any? { |key, _| LineParts.usual?(key) }
      end

      def rest(more)
        return "}" if more.empty?

        text = FlatJson.text(more)
        text[0] = "," if text
        text
      end
    end
  end
end
