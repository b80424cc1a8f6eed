# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # A place in the list of tasks: everything that comes after it is older.
    #
    # @!attribute [r] created_at
    #   @return [Time]
    # @!attribute [r] id
    #   @return [Integer] distinguishes tasks of the same instant
    Cursor = Data.define(:created_at, :id) do
      # @param text [String, nil] from an address
      # @return [Cursor, nil] nil for anything that {#to_s} does not give
      def self.parse(text)
        micros, id = text.to_s.match(/\A(\d{1,17})-(\d{1,18})\z/)&.captures
        new(created_at: Time.at(0, micros.to_i, :microsecond).utc, id: id.to_i) if id
      end

      def to_s = "#{(created_at.to_r * 1_000_000).to_i}-#{id}"
    end
  end
end
