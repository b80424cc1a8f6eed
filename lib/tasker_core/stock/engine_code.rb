# frozen_string_literal: true

module TaskerCore
  module Stock
    # Distinguishes the engine's own code from replacements by an application or a test.
    #
    # A native answer stands for certain methods, callbacks and subscribers of the engine. Where one of them has been replaced or
    # joined by another, that other one must run.
    module EngineCode
      GEM = "#{File.expand_path("..", __dir__)}/".freeze
      ACTIVE_MODEL = %w[activemodel].freeze
      private_constant :GEM, :ACTIVE_MODEL

      class << self
        # @param callable [Proc, Method, UnboundMethod]
        def defines?(callable)
          file, = callable.source_location
          !file.nil? && roots.any? { |root| file.start_with?(root) }
        end

        # @param callable [Proc, Method, UnboundMethod]
        # @return [Boolean] whether it is the engine's or what the gem has put in its place
        def unmodified?(callable)
          defines?(callable) || patch?(callable)
        end

        # @param callable [Proc, Method, UnboundMethod]
        # @param gems [Array<String>]
        # @return [Boolean] whether it is defined in one of these gems
        def from_gems?(callable, gems)
          file, = callable.source_location
          !file.nil? && gems.any? { |gem| file.start_with?(path_of(gem)) }
        end

        # @param callable [Proc, Method, UnboundMethod]
        # @return [Boolean] whether this gem defines it
        def patch?(callable)
          file, = callable.source_location
          !file.nil? && file.start_with?(GEM)
        end

        # @param wrapper [Class] with the attributes of ActiveModel
        # @param names [Array<Symbol, String>] of methods
        # @return [Boolean] whether its objects are made by Ruby's `new`, and these methods are ActiveModel's own
        def active_model_methods?(wrapper, *names)
          wrapper.method(:new).owner == Class && names.all? { |name| from_gems?(wrapper.instance_method(name), ACTIVE_MODEL) }
        end

        # @param receiver [Object]
        # @param name [Symbol] of one of its methods
        def defines_method?(receiver, name)
          defines?(receiver.method(name))
        end

        # @param receiver [Object] of whatever kind: it may answer by `method_missing`, and have no such method
        # @param name [Symbol]
        # @return [Method, nil]
        def method_of(receiver, name)
          receiver.method(name)
        rescue NameError
          nil
        end

        # Whether methods of an object are the engine's or patches of the gem.
        #
        # @param names [Array<Symbol>]
        def stock?(object, *names)
          names.all? { |name| unmodified?(object.method(name)) }
        rescue NameError
          false
        end

        # Whether an object has no methods but those of its class: none that a test has put on it alone.
        #
        # @param names [Array<Symbol>] of private methods to look at; `singleton_methods` lists the others
        def without_singleton_methods?(object, *names)
          object.singleton_methods.empty? && names.none? { |name| object.method(name).owner.singleton_class? }
        rescue NameError
          false
        end

        private

        def path_of(gem)
          @paths ||= Concurrent::Map.new
          @paths.compute_if_absent(gem) { "#{Gem.loaded_specs.fetch(gem).full_gem_path}/" }
        end

        # Not the whole gem: an application may live inside a checkout of the engine, as its own test application does.
        def roots
          @roots ||= %w[app lib config].map { |folder| "#{Tasker::Engine.root.join(folder)}/" }
        end
      end
    end
  end
end
