# frozen_string_literal: true

module TaskerCore
  # Compares an answer of the engine with one of the core, as far as a caller could tell them apart.
  #
  # The engine reads lists of rows without an order, so they have none here, nor have lists of ids. Relations are compared by the rows that
  # they stand for, without being loaded.
  module Comparison
    # Of paths with equal scores the engine returns any.
    CRITICAL_PATHS = lambda do |found|
      { **found.slice(:total_paths, :root_nodes, :leaf_nodes), scores: found[:paths].map { |path| path[:criticality_score] } }
    end

    # What can be compared of a method's answer, where that is not all.
    COMPARABLE = { "RuntimeGraphAnalyzer#analyze_critical_paths" => CRITICAL_PATHS }.freeze
    private_constant :CRITICAL_PATHS, :COMPARABLE

    class << self
      # @param override [String]
      # @return [Object] what of its answer is not left to chance
      def comparable(override, answer)
        COMPARABLE.key?(override) && answer.is_a?(Hash) ? COMPARABLE.fetch(override).call(answer) : answer
      end

      def alike?(engine, core)
        plain(engine).eql?(plain(core))
      end

      # @return [Object] the answer as strings, numbers, arrays and hashes; equal for answers that are alike
      def plain(answer)
        case answer
        when ActiveRecord::Relation then relation(answer)
        when ActiveRecord::Result then result(answer)
        when ActiveRecord::Base then "#{answer.class.name} #{answer.id}"
        when Array then list(answer)
        when Hash then answer.transform_values { |value| plain(value) }
        else single(answer)
        end
      end

      # What each says that the other does not.
      # @return [Array] the engine's part and the core's, plain
      def difference(engine, core)
        ours, theirs = [engine, core].map { |answer| plain(answer) }
        [ours, theirs].all?(Array) && (ours - theirs != theirs - ours) ? [ours - theirs, theirs - ours] : [ours, theirs]
      end

      private

      def relation(relation)
        { relation.klass.name => relation.spawn.unscope(:order, :includes).pluck(relation.klass.primary_key).sort }
      end

      # In its columns JSON is text, the blanks of which say nothing.
      def result(result)
        list(result.map { |row| row.transform_values { |value| value.is_a?(String) ? value.delete(" ") : value } })
      end

      def list(values)
        plain = values.map { |value| plain(value) }
        return plain.sort if plain.all?(Integer)

        plain.all?(Hash) || values.all?(ActiveRecord::Base) ? plain.sort_by(&:inspect) : plain
      end

      # Errors, rows that are no models, and instants, which are to be of the same class.
      def single(value)
        return "#{value.class.name}: #{value.message.lines.first&.chomp}" if value.is_a?(Exception)
        return value.attributes.to_h { |name, part| [name.to_s, plain(part)] } if value.respond_to?(:attributes)

        value.acts_like?(:time) ? "#{value.class.name} #{value.iso8601(6)}" : value
      end
    end
  end
end
