# frozen_string_literal: true

module TaskerCore
  class Run
    # The rows of one task and its steps, as they were last read; each version of a row is sent once.
    #
    # Records are made from them as if they had just been found.
    class Rows
      INSTANTS = %w[requested_at processed_at last_attempted_at created_at updated_at].freeze
      private_constant :INSTANTS

      class << self
        # Whether rows with the engine's columns are all that there is to a model: an application may have added columns, or a scope that
        # hides some rows from everybody.
        # @param models [Array<Class>]
        def complete?(*models)
          models.all? { |model| model.default_scopes.empty? && Stock::Models.stock_columns?(model) }
        end

        # @param row [Array] column by column, as the core sends it
        # @return [Hash{String => Object}] as ActiveRecord reads it
        def attributes(model, row)
          Stock::Models.columns(model).zip(row).to_h.tap do |attributes|
            INSTANTS.each { |name| attributes[name] = Native::TimestampCodec.to_column(attributes[name]) if attributes.key?(name) }
          end
        end
      end

      def initialize
        @steps = {}
      end

      # @param ids [Array<Integer>, nil] the steps that may be asked for; nil for all of them
      # @param changed [Boolean] whether steps whose row has changed are to be read besides
      # @param tables [Array<String>] whose row triggers are wanted; they are not looked for where steps are chosen
      # @return [Array] the versions that are here, as the core wants them
      def known(ids = nil, changed: false, tables: [])
        steps = ids && !changed ? @steps.slice(*ids) : @steps
        [@task&.first, steps.keys, steps.each_value.map(&:first), changed, tables]
      end

      # @param row [Array, nil] nil where this version is here already
      def take_task(version, row)
        @task = [version, Rows.attributes(Tasker::Task, row)] if row
      end

      # @param row [Array, nil] nil where this version is here already
      def take_step(id, version, row)
        @steps[id] = [version, Rows.attributes(Tasker::WorkflowStep, row)] if row
      end

      # @return [Array<Integer, nil>] how often each of these steps was tried
      def attempts(ids)
        ids.map { |id| @steps[id].last["attempts"] }
      end

      # @return [Tasker::Task]
      def task
        Tasker::Task.instantiate(@task.last)
      end

      # @return [Hash, nil] nil for steps of other tasks
      def step_attributes(id)
        @steps[id]&.last
      end
    end
  end
end
