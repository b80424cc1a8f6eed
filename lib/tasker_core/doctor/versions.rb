# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether Ruby, Rails, the engine, PostgreSQL and what they stand on are of versions that go together.
    class Versions
      # What the suite runs with; further versions may do.
      TESTED = { "Ruby" => "~> 3.3.0", "Rails" => "~> 7.2.0", "tasker-engine" => "0.1.0", "PostgreSQL" => "~> 15.0" }.freeze
      NEEDED = { "Ruby" => ">= 3.2", "Rails" => ">= 7.2", "tasker-engine" => "0.1.0", "PostgreSQL" => ">= 14" }.freeze
      # Major versions with which Rails 7.2 does not run, and which neither it nor the engine keeps out.
      KEPT_OUT = { "json" => "< 3", "connection_pool" => "< 3" }.freeze

      # @return [Hash{String => String}] the versions that are running
      def self.running
        gems = %w[tasker-engine json connection_pool].to_h { |name| [name, Gem.loaded_specs[name]&.version.to_s] }
        { "Ruby" => RUBY_VERSION, "Rails" => Rails.version, **gems }
      end

      # @param versions [Hash{String => String}]
      # @param postgresql [#call] gives the server's version, such as 150018
      def initialize(versions: self.class.running, postgresql: -> { Tasker::ApplicationRecord.with_connection(&:database_version) })
        @versions = versions
        @postgresql = postgresql
      end

      def title = "versions"

      def findings
        versions = { **@versions, "PostgreSQL" => postgresql }
        TESTED.keys.map { |name| main(name, versions[name]) } +
          KEPT_OUT.filter_map { |name, requirement| gem(name, requirement, versions[name]) }
      end

      private

      def postgresql
        number = @postgresql.call
        "#{number / 10_000}.#{number % 10_000}"
      end

      def main(name, version)
        found = "#{name} #{version}"
        if !met?(NEEDED[name], version)
          Finding.fail("#{found}: #{NEEDED[name]} is needed", "Use a version of #{name} that is #{NEEDED[name]}.")
        elsif !met?(TESTED[name], version)
          Finding.warn("#{found}: tested with #{TESTED[name]}", "Run `rails tasker_core:verify` before you rely on it.")
        else
          Finding.ok(found)
        end
      end

      # Not every application has it.
      def gem(name, requirement, version)
        return if version.to_s.empty?
        return Finding.ok("#{name} #{version}") if met?(requirement, version)

        Finding.fail("#{name} #{version}: Rails 7.2 does not run with it", "Add `gem \"#{name}\", \"#{requirement}\"` to the Gemfile.")
      end

      def met?(requirement, version)
        Gem::Version.correct?(version) && Gem::Requirement.new(requirement).satisfied_by?(Gem::Version.new(version).release)
      end
    end
  end
end
