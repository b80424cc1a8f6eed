# frozen_string_literal: true

# What the engine publishes, in order.
#
# By default the engine's bus itself is listened to, so that there is no subscriber: with one, the gem runs other code.
class EventRecorder
  # @!attribute thread
  #   @return [Thread] on which it was published
  # @!attribute open_transactions
  #   @return [Boolean] whether a transaction was open
  Event = Data.define(:name, :payload, :thread, :in_transaction)

  class << self
    # @return [Array<Event>] what is published in the block
    def on_the_bus
      bus = Tasker::Events::Publisher.instance.__bus__
      recorder = new
      bus.define_singleton_method(:publish) do |name, payload|
        recorder.note(name, payload)
        super(name, payload)
      end
      yield
      recorder.events
    ensure
      bus.singleton_class.remove_method(:publish)
    end

    # Without a listener nothing is recorded.
    # @return [Array<Event>] none
    def nowhere
      yield
      []
    end

    # @return [Array<Event>] the events that a subscriber of the application receives in the block
    def subscribed(names = Tasker::Events::Publisher.instance.__bus__.events.keys)
      bus = Tasker::Events::Publisher.instance.__bus__
      recorder = new
      listener = ->(event) { recorder.note(event.id, event.payload) }
      names.each { |name| Tasker::Events::Publisher.instance.subscribe(name, &listener) }
      yield
      recorder.events
    ensure
      bus.listeners.each_value { |listeners| listeners.delete_if { |candidate, _| candidate.equal?(listener) } }
    end
  end

  def initialize
    @events = Queue.new
  end

  def note(name, payload)
    in_transaction = Tasker::ApplicationRecord.connection.transaction_open?
    @events << Event.new(name:, payload: payload.dup, thread: Thread.current, in_transaction:)
  end

  def events
    Array.new(@events.size) { @events.pop }
  end
end
