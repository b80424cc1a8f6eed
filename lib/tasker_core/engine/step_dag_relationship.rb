# frozen_string_literal: true

module TaskerCore
  module Engine
    # Relations of `StepDagRelationship`, the model of a view that follows every path of every task, whichever rows are asked for.
    #
    # Loading one by steps or by tasks is answered in Rust, associations and eager loads included. Everything else about it is
    # ActiveRecord's: a relation stays a relation, and one that orders, counts, plucks, joins or has conditions in SQL reads the view.
    module StepDagRelationship
      MODEL = "Tasker::StepDagRelationship"
      # All of its relations come from there.
      NAME = "StepDagRelationship.all"
      private_constant :NAME

      class << self
        # @param model [Class]
        def attach(model)
          Override.keep(NAME, ActiveRecord::Relation.instance_method(:exec_main_query))
          model.class_eval { default_scope { extending(StepDagRelationship) } }
        end
      end

      private

      # ActiveRecord makes records of the rows, preloads what belongs to them, and so on.
      def exec_main_query(async: false)
        return super if async

        Override[NAME].ask(self) do |override|
          wanted = Wanted.of(self)
          next Override::DECLINED unless wanted

          found = Native::QueryRunner.run(wanted.conversation(override), "Tasker::StepDagRelationship Load")
          ActiveRecord::Result.new(Wanted::COLUMNS, wanted.among(found))
        end
      end

      # The rows that a relation wants, if it says so by columns and values only.
      class Wanted
        COLUMNS = %w[
          workflow_step_id task_id named_step_id parent_step_ids child_step_ids parent_count child_count is_root_step is_leaf_step
          min_depth_from_root
        ].freeze
        # What a relation may hold besides its conditions: how many, and what is done with the records once they are there.
        TOLERATED = %i[where extending limit includes preload].freeze
        private_constant :TOLERATED

        class << self
          # @param relation [ActiveRecord::Relation]
          # @return [Wanted, nil] nil where the view must be asked
          def of(relation)
            return unless plain?(relation)

            conditions = relation.where_values_hash
            return unless relation.where_clause == relation.klass.unscoped.where(conditions).where_clause

            wanted = new(conditions.to_h { |column, values| [column, cast(relation, column, values)] })
            wanted if wanted.feasible?(relation.limit_value)
          rescue ActiveModel::RangeError
            nil
          end

          private

          def plain?(relation)
            (relation.values.keys - TOLERATED).empty? && !relation.null_relation? && !relation.eager_loading? &&
              relation.klass.attribute_names == COLUMNS
          end

          def cast(relation, column, values)
            type = relation.klass.type_for_attribute(column)
            Array.wrap(values).map { |value| type.cast(value) }
          end
        end

        # @param conditions [Hash{String => Array}] values by column
        def initialize(conditions)
          @conditions = conditions
        end

        def feasible?(limit)
          keys.any? { |column| @conditions.key?(column) } && @conditions.all? { |column, values| values?(column, values) } &&
            limitable?(limit)
        end

        def conversation(override)
          steps, tasks = @conditions.values_at(*keys)
          return Native::Conversation.relationships_of_steps(override.name, steps) if steps

          Native::Conversation.relationships_of_tasks(override.name, tasks)
        end

        # @param found [Array<Array>] ids, parents, children and depth of the steps
        # @return [Array<Array>] the rows of those that fulfil the other conditions, too
        def among(found)
          filters = @conditions.map { |column, values| [COLUMNS.index(column), values] }
          found.map { |relationship| row(*relationship) }.select { |row| filters.all? { |index, values| values.include?(row[index]) } }
        end

        private

        # Lists are texts, as PostgreSQL writes them in JSON.
        def row(ids, parents, children, depth)
          [*ids, parents.inspect, children.inspect, parents.size, children.size, parents.empty?, children.empty?, depth]
        end

        def keys = %w[workflow_step_id task_id]

        # Without an order, a limit says something only where there is one row at the most.
        def limitable?(limit)
          limit.nil? || (limit.is_a?(Integer) && limit.positive? && @conditions["workflow_step_id"]&.one?)
        end

        def values?(column, values)
          return false if values.empty?

          case column
          when "is_root_step", "is_leaf_step" then values.none?(&:nil?)
          when "workflow_step_id", "task_id", "named_step_id", "parent_count", "child_count" then Native::Ids.list?(values)
          end
        end
      end
      private_constant :Wanted
    end
  end
end
