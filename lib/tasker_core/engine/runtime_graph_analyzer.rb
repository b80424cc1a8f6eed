# frozen_string_literal: true

module TaskerCore
  module Engine
    # Methods of `RuntimeGraphAnalyzer` that read the graph of a task or follow its paths. What they find is weighed and worded by the
    # engine's own methods, so that settings, numbers and words are the engine's.
    module RuntimeGraphAnalyzer
      # How many critical paths the engine returns.
      MOST_PATHS = 5
      TROUBLE = { true => 1.0, false => 1.5 }.freeze
      # What the engine weighs a path by, in the order in which the core wants it.
      POINTS = %i[path_length_weight completed_penalty blocked_penalty error_penalty retry_penalty].freeze
      SECONDS = %i[base_step_seconds error_penalty_seconds retry_penalty_seconds].freeze
      private_constant :MOST_PATHS, :TROUBLE, :POINTS, :SECONDS

      # A graph as the engine hands it around, with the one in Rust, and what is behind each of its steps.
      Known = Struct.new(:graph, :native, :readiness, :behind)

      def build_dependency_graph
        Override["RuntimeGraphAnalyzer#build_dependency_graph"].ask(self) do |override|
          next @tasker_core_known.graph if @tasker_core_shared && @tasker_core_known
          next Override::DECLINED unless Native::Ids.id?(task_id)

          known = read_graph(override)
          next Override::DECLINED unless known

          (@tasker_core_known = known).graph
        rescue CycleError
          Fix.on?(:endless_recursion) ? raise : Override::DECLINED
        end
      end

      def analyze_critical_paths
        Override["RuntimeGraphAnalyzer#analyze_critical_paths"].ask(self) do |override|
          known = beside?(override) ? read_graph(override) : known_graph(override, build_dependency_graph[:adjacency_list])
          conditions = step_conditions
          next Override::DECLINED unless known && conditions

          found = known.native.critical_paths(override.name, conditions, path_weights, MOST_PATHS)
          next Override::DECLINED unless found

          critical_paths(found, known.graph)
        end
      end

      # The engine notes in `visited` where it has been.
      def find_downstream_steps(step_id, adjacency_list, visited = Set.new)
        anew = visited.empty?
        Override["RuntimeGraphAnalyzer#find_downstream_steps"].ask(self, step_id, adjacency_list, visited) do |override|
          known = known_graph(override, adjacency_list) if anew
          next Override::DECLINED unless known

          known.native.downstream(override.name, step_id) || Override::DECLINED
        end
      end

      def calculate_downstream_impact(step, graph, step_readiness_data)
        Override["RuntimeGraphAnalyzer#calculate_downstream_impact"].ask(self, step, graph, step_readiness_data) do |override|
          known = known_graph(override, graph[:adjacency_list])
          behind = known && steps_behind(known, step_readiness_data)[step.workflow_step_id]
          next Override::DECLINED unless behind

          override.answered
          { downstream_steps_count: behind.first, blocked_downstream_count: behind.last }
        end
      end

      private

      def critical_paths((total, root_nodes, leaf_nodes, paths), graph)
        paths = analyze_all_paths_for_criticality(paths, graph).first(MOST_PATHS)
        { total_paths: Integer(total), longest_path_length: paths.first&.dig(:length) || 0, paths:, root_nodes:, leaf_nodes: }
      end

      # @return [Known, nil] nil for an edge into another task, on which the engine raises
      def read_graph(override)
        if Native::Ids.id?(task_id)
          native = Native::QueryRunner.run_bulk(Native::Conversation.task_graph(override.name, task_id), "Tasker::WorkflowStepEdge Load")
        end
        return unless native

        graph = {
          nodes: native.nodes, edges: native.edges,
          adjacency_list: native.neighbours(false), reverse_adjacency_list: native.neighbours(true),
          dependency_levels: native.levels
        }
        Known.new(graph, native)
      end

      # @return [Known, nil] the graph in Rust behind one that the engine has been given
      def known_graph(override, adjacency_list)
        return known_beside(override, adjacency_list) if beside?(override)

        @tasker_core_known if @tasker_core_known && @tasker_core_known.graph[:adjacency_list].equal?(adjacency_list)
      end

      def beside?(override) = override.is_a?(Shadow::Beside)

      # In the shadow the engine has read the graph itself; ours is compared with that before anything is said of it.
      def known_beside(override, adjacency_list)
        given, known = @tasker_core_beside
        return known if given.equal?(adjacency_list)

        known = read_graph(override)
        known = nil unless known && Comparison.alike?(adjacency_list, known.graph[:adjacency_list])
        @tasker_core_beside = [adjacency_list, known]
        known
      end

      def steps_behind(known, readiness)
        return known.behind if known.readiness.equal?(readiness)

        blocked = readiness.values.reject(&:dependencies_satisfied).map(&:workflow_step_id)
        known.readiness = readiness
        known.behind = known.native.downstream_counts(blocked)
      end

      # @return [Array<Array>, nil] nil where the engine fails on one of them
      def step_conditions
        steps = get_step_readiness_data.values
        return unless steps.all? { |step| step.attempts.is_a?(Integer) }

        steps.map { |step| [step.workflow_step_id, step.current_state, step.dependencies_satisfied, step.attempts] }
      end

      def path_weights
        points = dependency_graph_config.impact_multipliers
        seconds = dependency_graph_config.duration_estimates
        healthy = get_task_execution_context&.health_status == "healthy"
        [*POINTS.map { |name| points[name] }, *SECONDS.map { |name| seconds[name] }, TROUBLE.fetch(healthy)]
      end
    end
  end
end
