# frozen_string_literal: true

# Callbacks of an application, for the length of a block.
module Callbacks
  # Yields a state machine to add guards and callbacks to.
  # @param machine [Class]
  def with_callbacks(machine)
    before = machine.callbacks.transform_values(&:dup)
    yield machine
  ensure
    machine.callbacks.replace(before)
  end

  # Yields a model to add callbacks and validations to.
  # @param model [Class]
  def with_model_callbacks(model)
    before = model.__callbacks.dup
    yield model
  ensure
    before.each { |kind, chain| model.__callbacks[kind] = chain }
  end
end
