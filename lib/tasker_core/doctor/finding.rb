# frozen_string_literal: true

module TaskerCore
  module Doctor
    # One line of the report.
    #
    # @!attribute [r] status
    #   @return [Symbol] `:ok`, `:warn` (works, but not as well or as expected) or `:fail` (does not work)
    # @!attribute [r] text
    #   @return [String] what was found
    # @!attribute [r] cure
    #   @return [String, nil] what to do about it
    Finding = Data.define(:status, :text, :cure) do
      class << self
        def ok(text) = new(status: :ok, text:, cure: nil)
        def warn(text, cure) = new(status: :warn, text:, cure:)
        def fail(text, cure) = new(status: :fail, text:, cure:)
        def without_extension = warn("not examined: the extension is not loaded", "See above.")
      end
    end
  end
end
