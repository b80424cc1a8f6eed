# frozen_string_literal: true

module TaskerCore
  # Loads the compiled core. Without it the application runs on the engine's own code, after one warning that says why and
  # what to do about it.
  module Extension
    LIBRARY = "tasker_core/tasker_core_rb"
    # A gem that was compiled beforehand has one for each Ruby.
    OF_THIS_RUBY = "tasker_core/#{RUBY_VERSION[/\A\d+\.\d+/]}/tasker_core_rb".freeze
    ROOT = File.expand_path("../..", __dir__)
    private_constant :LIBRARY, :OF_THIS_RUBY, :ROOT

    class << self
      # @return [String, nil] why the core is not there, and the cure
      attr_reader :problem

      def loaded?
        problem.nil?
      end

      # @param library [String] the feature to require
      # @return [Boolean] whether the core is usable
      def load(library = present)
        require library
        @problem = mismatch
        loaded?
      rescue LoadError => e
        @problem = "its native extension could not be loaded (#{e.message.lines.first&.strip}). #{cure}"
        false
      end

      # Says once, at boot, that the engine's own code is in charge.
      # @param logger [#warn]
      def warn_about_problem(logger)
        return if loaded? || @warned

        @warned = true
        logger.warn("tasker-core is not in use: #{problem}")
      end

      # @raise [ExtensionError] if the core is not usable
      def require!
        raise ExtensionError, "tasker-core is not usable: #{problem}" unless loaded?
      end

      private

      def present
        compiled_beforehand = File.expand_path("../#{OF_THIS_RUBY}.#{RbConfig::CONFIG.fetch("DLEXT")}", __dir__)
        File.exist?(compiled_beforehand) ? OF_THIS_RUBY : LIBRARY
      end

      def mismatch
        return if Native::VERSION == VERSION

        "its native extension is of another version (expected #{VERSION}, got #{Native::VERSION}). #{cure}"
      end

      def cure
        return "Run `bundle pristine tasker-core` with Rust and a C toolchain installed." unless path_source?

        "Run `cd #{ROOT} && bundle install && bundle exec rake compile` with Rust and a C toolchain installed: " \
          "Bundler does not compile a gem that has `path:` in the Gemfile."
      end

      # Bundler compiles gems with `git:`, whose class inherits from the one for `path:`.
      def path_source?
        source = Gem.loaded_specs["tasker-core"]&.source if defined?(Bundler::Source::Path)
        !source.nil? && source.is_a?(Bundler::Source::Path) && !source.is_a?(Bundler::Source::Git)
      end
    end

    load
  end
end
