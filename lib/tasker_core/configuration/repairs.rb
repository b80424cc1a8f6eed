# frozen_string_literal: true

require_relative "../fix"
require_relative "booleans"

module TaskerCore
  class Configuration
    # The engine's faults that are fixed: a reader and a writer for each fix, such as `retries` and `retries=`.
    #
    # They are asked for each time, so a change takes effect at once.
    class Repairs
      # @param env [Hash{String => String}] `TASKER_CORE_REPAIRS=off` keeps all of them off in this process, whatever is set
      # @raise [ArgumentError] for a word that says neither on nor off
      def initialize(env = ENV)
        @barred = Booleans.off?("TASKER_CORE_REPAIRS", env.fetch("TASKER_CORE_REPAIRS", ""))
        @settings = TaskerCore::Fix::LIST.to_h { |repair| [repair.name, repair.default] }
      end

      TaskerCore::Fix.names.each do |name|
        define_method(name) { self[name] }
        define_method(:"#{name}=") { |value| self[name] = value }
      end

      # @param name [Symbol, String]
      # @return [Boolean] whether that repair is in force
      # @raise [ArgumentError] for an unknown name
      def [](name)
        @settings.fetch(TaskerCore::Fix.fetch(name).name) && !@barred
      end

      # @param name [Symbol, String]
      # @param value [Boolean]
      # @raise [ArgumentError] for an unknown name, or anything but true and false
      def []=(name, value)
        name = TaskerCore::Fix.fetch(name).name
        @settings = { **@settings, name => Booleans.strict("config.repairs.#{name}", value) }
      end

      # Switches all of them on or off, those included that are off by default.
      # @param value [Boolean]
      # @raise [ArgumentError] for anything but true and false
      def all=(value)
        Booleans.strict("config.repairs.all", value)
        @settings = @settings.transform_values { value }
      end

      # @return [Hash{Symbol => Boolean}] which repairs are in force
      def to_h
        @settings.keys.to_h { |name| [name, self[name]] }
      end

      private

      # Names of repairs that do not exist.
      def method_missing(name, *)
        TaskerCore::Fix.fetch(name.to_s.delete_suffix("=")) if name.match?(/\A[a-z_]+=?\z/)
        super
      end

      def respond_to_missing?(_name, _include_private = false)
        false
      end
    end
  end
end
