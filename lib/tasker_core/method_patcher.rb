# frozen_string_literal: true

module TaskerCore
  # Redefines methods of the engine where they stand, with their visibility.
  #
  # Not by `prepend`: RSpec refuses `allow_any_instance_of` on prepended methods, and applications stub the engine that way. Nor by
  # `include`: a definition of the engine that calls `super` must find what it has always found. Only what a class of the engine has from
  # elsewhere (ActiveRecord, Active Job, Statesman) is replaced by a module that is included: a module of the application's comes before it
  # then, as it came before the inherited method.
  #
  # A method that the application has opened before is left to it.
  module MethodPatcher
    # On each owner, by replacement and name, the definitions that were there before.
    ORIGINALS = :@tasker_core_originals
    # What the engine's classes inherit from.
    LIBRARIES = %w[activejob activemodel activerecord activesupport dry-struct statesman].freeze
    private_constant :ORIGINALS, :LIBRARIES

    # By replacement and name, the definition that was replaced last.
    @latest = Hash.new { |latest, replacement| latest[replacement] = {} }.compare_by_identity

    class << self
      # Defines the methods of `replacement` on `owner` itself, for methods that `owner` has already. A second time changes nothing.
      #
      # @param owner [Module] a class of the engine, or its singleton class
      # @param replacement [Module] public methods with the engine's names and parameters; private ones are helpers
      # @yieldparam name [Symbol]
      # @yieldparam original [UnboundMethod] the engine's own definition, which {call_original} runs
      def patch(owner, replacement)
        return if originals_of(owner).key?(replacement)

        originals = replacement.public_instance_methods(false).to_h { |name| [name, definition(owner, name)] }
        owner.instance_variable_set(ORIGINALS, { **originals_of(owner), replacement => originals })
        replacement.private_instance_methods(false).each do |name|
          owner.define_method(name, replacement.instance_method(name))
          owner.send(:private, name)
        end
        originals.each do |name, original|
          @latest[replacement][name] = original
          yield name, original if block_given?
          put(replacement, name, owner) if replaceable?(original)
        end
      end

      # Runs the definition that a replacement stands for.
      #
      # @param replacement [Module]
      # @param name [Symbol] of one of its public methods
      # @param receiver [Object]
      def call_original(replacement, name, receiver, ...)
        original_for(@latest[replacement].fetch(name), replacement, receiver).bind_call(receiver, ...)
      end

      # The definition that a replacement stands for, as this receiver has it. After code was reloaded a class is there twice, and
      # objects of the old one, or of an application's class that was made from it, have the old definition.
      #
      # @param latest [UnboundMethod] the one that was replaced last
      # @param replacement [Module] by what
      # @param receiver [Object]
      # @return [UnboundMethod]
      def original_for(latest, replacement, receiver)
        return latest if receiver.is_a?(latest.owner)

        side = receiver.is_a?(Module) ? receiver.singleton_class : receiver.class
        owner = side.ancestors.find { |ancestor| originals_of(ancestor).key?(replacement) }
        owner ? originals_of(owner)[replacement].fetch(latest.name) : latest
      end

      # @param owner [Module]
      # @return [Hash{Module => Hash{Symbol => UnboundMethod}}] what each patch on it replaced, in the order in which they were applied
      def originals_of(owner)
        owner.instance_variable_get(ORIGINALS) || {}
      end

      # @param owner [Module]
      # @param name [Symbol]
      # @return [UnboundMethod] the method on the class or above it, behind modules that the engine has prepended
      def definition(owner, name)
        prepended = owner.ancestors.take_while { |ancestor| ancestor != owner }
        method = owner.instance_method(name)
        method = method.super_method while prepended.include?(method.owner)
        method
      end

      # @param method [Method]
      # @return [Boolean] whether this gem defines it
      def patched?(method)
        Stock::EngineCode.patch?(method)
      end

      private

      def put(replacement, name, owner)
        visibility = visibility_of(owner, name)
        place = owned?(owner, name) ? owner : Module.new.tap { |between| owner.include(between) }
        place.define_method(name, replacement.instance_method(name))
        place.send(visibility, name)
      end

      def owned?(owner, name)
        owner.method_defined?(name, false) || owner.private_method_defined?(name, false)
      end

      def replaceable?(original)
        original.source_location.nil? || Stock::EngineCode.unmodified?(original) || Stock::EngineCode.from_gems?(original, LIBRARIES)
      end

      def visibility_of(owner, name)
        return :private if owner.private_method_defined?(name)

        owner.protected_method_defined?(name) ? :protected : :public
      end
    end
  end
end
