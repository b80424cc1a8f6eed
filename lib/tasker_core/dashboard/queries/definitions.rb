# frozen_string_literal: true

require_relative "../text"

module TaskerCore
  class Dashboard
    # The definitions of tasks, of which an application has few. Their names are as the pages show them, and so as filters name them.
    class Definitions
      # How many are offered for a choice.
      MOST = 5_000

      Definition = Data.define(:id, :namespace, :name, :version)

      # @return [Array<Definition>]
      def all
        @all ||= Rows.read("Definitions", <<~SQL, most: MOST).map { |row| definition(**row.symbolize_keys) }
          SELECT n.named_task_id AS id, s.name AS namespace, n.name, n.version
          FROM tasker_named_tasks n JOIN tasker_task_namespaces s ON s.task_namespace_id = n.task_namespace_id
          ORDER BY s.name, n.name, n.version LIMIT :most
        SQL
      end

      # @return [Array<String>]
      def namespaces = all.map(&:namespace).uniq

      # @return [Array<String>]
      def names = all.map(&:name).uniq

      # @param id [Integer]
      # @return [Definition, nil]
      def [](id) = by_id[id]

      # @param filter [TaskFilter]
      # @return [Array<Integer>, nil] the ids that fit; nil where the filter does not choose among them
      def chosen_by(filter)
        return if filter.namespace.nil? && filter.name.nil?

        all.select { |definition| filter.fits?(definition) }.map(&:id)
      end

      private

      def definition(id:, **names) = Definition.new(id:, **names.transform_values { |name| Text.line(name) })

      def by_id = @by_id ||= all.index_by(&:id)
    end
  end
end
