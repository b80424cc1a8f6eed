# frozen_string_literal: true

module TaskerCore
  module Engine
    # The method of `TemplateGraphAnalyzer` on which all others rest. Nodes and edges are listed by the engine's own code.
    module TemplateGraphAnalyzer
      def analyze
        return @analysis_cache if @analysis_cache

        @analysis_cache = Override["TemplateGraphAnalyzer#analyze"].ask(self) do |override|
          dependencies = build_dependency_map
          # Of two templates with one name the engine reads one in some places and both in others.
          next Override::DECLINED unless dependencies.size == templates.size

          names = dependencies.keys
          place = names.each_with_index.to_h
          places = dependencies.each_value.map { |list| list.map { |name| place[name] } }
          # The engine refuses a dependency that is not declared.
          next Override::DECLINED if places.any? { |list| list.include?(nil) }

          template_analysis(names, Native.template_analysis(override.name, places))
        end
      end

      private

      def template_analysis(names, (cycles, topology, levels, roots, leaves, depth, width))
        named = ->(places) { names.values_at(*places) }
        edges = build_edges
        {
          nodes: build_nodes, edges:, topology: named.call(topology), cycles: cycles.map(&named),
          levels: named.call(topology).zip(levels).to_h, roots: named.call(roots), leaves: named.call(leaves),
          summary: { total_steps: templates.size, total_dependencies: edges.size, has_cycles: cycles.any?, max_depth: depth,
                     parallel_branches: width }
        }
      end
    end
  end
end
