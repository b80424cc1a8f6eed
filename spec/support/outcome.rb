# frozen_string_literal: true

# What became of a block: the value it returned, or the error it raised with everything that a rescuer can read of it.
Outcome = Data.define(:value, :error) do
  def self.of
    new(value: yield, error: nil)
  rescue StandardError => e
    new(value: nil, error: Outcome.describe(e))
  end

  def self.describe(error)
    readers = %i[from to].select { |reader| error.respond_to?(reader) }
    # PostgreSQL quotes whole rows, with ids that sequences have given out.
    message = error.message.gsub(/(?<=Failing row contains \()\d+/, "id")
    readers = readers.to_h { |reader| [reader, error.public_send(reader)] }
    { class: error.class, message:, callback: error.try(:callback)&.source_location, **readers }
  end

  def inspect
    error ? "raised #{error.inspect}" : value.pretty_inspect.chomp
  end
end
