# frozen_string_literal: true

module TaskerCore
  # Whatever the gem itself raises. Where the engine raises today, the engine's class is raised, not one of these.
  class Error < StandardError; end

  # The native extension is missing, or is not the one that this version of the gem was written with.
  class ExtensionError < Error; end

  # A defect in the core. Readers fall back to the engine's own code when they meet one.
  class InternalError < Error; end

  # The database answered in a shape that the core does not know.
  class DecodeError < InternalError; end

  # A question and its answer were mixed up, such as two callers on one conversation.
  class ConversationError < InternalError; end

  # The steps of a task wait for each other in a circle. The engine's own SQL runs until the statement timeout there.
  class CycleError < Error; end

  # A setting asks for what there cannot be.
  class ConfigurationError < Error; end

  # A transition lost its race again and again.
  class ContentionError < Error; end
end
