# frozen_string_literal: true

module TaskerCore
  # Redefines methods of the engine where they stand, with their visibility.
  #
  # Not by `prepend`: RSpec refuses `allow_any_instance_of` on prepended methods, and applications stub the engine that way. Nor by
  # `include`: a definition of the engine that calls `super` must find what it has always found.
  module InPlace
    DONE = :@tasker_core_redefined
    HERE = "#{__dir__}/".freeze
    private_constant :DONE, :HERE

    class << self
      # Defines the methods of `replacement` on `owner` itself, for methods that `owner` has already. A second time changes nothing.
      #
      # @param owner [Module] a class of the engine, or its singleton class
      # @param replacement [Module] public methods with the engine's names and parameters; private ones are helpers
      # @yieldparam name [Symbol]
      # @yieldparam original [UnboundMethod] the engine's own definition
      def redefine(owner, replacement)
        done = owner.instance_variable_get(DONE) || []
        return if done.include?(replacement)

        owner.instance_variable_set(DONE, [*done, replacement])
        originals = replacement.public_instance_methods(false).to_h { |name| [name, definition(owner, name)] }
        replacement.private_instance_methods(false).each do |name|
          owner.define_method(name, replacement.instance_method(name))
          owner.send(:private, name)
        end
        originals.each do |name, original|
          yield name, original
          visibility = visibility_of(owner, name)
          owner.define_method(name, replacement.instance_method(name))
          owner.send(visibility, name)
        end
      end

      # @param method [Method]
      # @return [Boolean] whether it is one of those defined here
      def own?(method)
        file, = method.source_location
        !file.nil? && file.start_with?(HERE)
      end

      private

      # What stands on the class or above it, behind anything that the engine has prepended.
      def definition(owner, name)
        prepended = owner.ancestors.take_while { |ancestor| ancestor != owner }
        method = owner.instance_method(name)
        method = method.super_method while prepended.include?(method.owner)
        method
      end

      def visibility_of(owner, name)
        return :private if owner.private_method_defined?(name)

        owner.protected_method_defined?(name) ? :protected : :public
      end
    end
  end
end
