# frozen_string_literal: true

require "yaml"

module TaskerCore
  # The engine's configuration as plain values, for programs in Rust that share its database.
  #
  # @example
  #   File.write("config/tasker_core.yml", TaskerCore::EngineSettings.to_yaml)
  module EngineSettings
    SECTIONS = %i[auth database telemetry engine health dependency_graph backoff execution cache].freeze
    # The only option whose value is a secret.
    SECRET = %w[telemetry prometheus password].freeze

    class << self
      # @param configuration [Tasker::Configuration]
      # @return [Hash{String => Hash}] every option of the nine sections
      # @raise [ArgumentError] for a value that YAML cannot say
      def to_h(configuration = Tasker.configuration)
        SECTIONS.to_h { |name| [name.to_s, plain(configuration.public_send(name).to_h, name.to_s)] }
      end

      # @param configuration [Tasker::Configuration]
      # @param secrets [Boolean] write the password of Prometheus, too
      # @return [String] a file for the crate's `config::Loader`
      # @raise [ArgumentError] for a value that YAML cannot say
      def to_yaml(configuration = Tasker.configuration, secrets: false)
        sections = to_h(configuration)
        left_out = !secrets && sections.dig(*SECRET)
        sections.dig(*SECRET[..-2]).delete(SECRET.last) if left_out
        header(left_out) + YAML.dump(sections, line_width: -1).delete_prefix("---\n")
      end

      private

      def header(left_out)
        lines = ["Settings of tasker-engine, written by `rails tasker_core:config`."]
        lines << "The password of Prometheus is left out: set TASKER__#{SECRET.join("__").upcase}, or write it with SECRETS=1." if left_out
        lines.map { |line| "# #{line}\n" }.join
      end

      def plain(value, key)
        case value
        when Hash then value.to_h { |name, member| [name.to_s, plain(member, "#{key}.#{name}")] }
        when Array then value.each_with_index.map { |item, index| listed(item, "#{key}.#{index}") }
        when ActiveSupport::Duration then seconds(value)
        when Symbol then value.name
        else scalar(value, key)
        end
      end

      def scalar(value, key)
        case value
        when String, Integer, Float, true, false, nil then value
        else raise ArgumentError, "#{key}: expected a text, a number, a boolean, a list or a mapping, got #{value.class}"
        end
      end

      # The engine takes anything that has a text for a name of a parameter, patterns included.
      def listed(item, key)
        key.start_with?("telemetry.filter_parameters.") ? item.to_s : plain(item, key)
      end

      def seconds(duration) = (duration.value % 1).zero? ? duration.to_i : duration.to_f
    end
  end
end
