# frozen_string_literal: true

module TaskerCore
  # The gem's version, kept equal to the crate's.
  VERSION = "0.1.0"
end
