# frozen_string_literal: true

# Calls of the extension with a collection of garbage at each allocation: `GC_STRESS=1 rspec …`, where the number says how many there must
# have been at the end, or `rake spec:gc`.
module GcStress
  # No collection of all that is alive, which would take a second in an application: what the extension makes is young. Those are made in
  # spec/safety/garbage_collection_spec.rb, in a process of its own.
  YOUNG = 0x01
  # Of each function so many calls are stressed, and then one in so many.
  FIRST = 100
  EVERY = 5
  private_constant :YOUNG, :FIRST, :EVERY

  @calls = Concurrent::Map.new
  @stressed = Concurrent::AtomicFixnum.new

  class << self
    # @return [Integer] how many calls there must be; zero for none at all
    def wanted = ENV.fetch("GC_STRESS", "0").to_i

    # Puts stress around every function and method of the extension.
    def begin
      native = TaskerCore::Native
      put_around(native.singleton_class, native.singleton_methods(false) - %i[panic panic_in])
      put_around(native::Conversation.singleton_class, native::Conversation.singleton_methods(false))
      [native::Conversation, native::TaskGraph].each { |klass| put_around(klass, klass.instance_methods(false)) }
      # What is alive now is old from here on, and young collections are short.
      Process.warmup
    end

    # @raise [RuntimeError] if there were too few
    def end
      raise "GC_STRESS: expected #{wanted} calls or more, got #{@stressed.value}" if @stressed.value < wanted
    end

    # Threads share the stress: the first that ends ends it for all.
    def call(name)
      count = @calls.compute(name) { |before| (before || 0) + 1 }
      return yield unless count <= FIRST || (count % EVERY).zero?

      @stressed.increment
      begin
        GC.stress = YOUNG
        yield
      ensure
        GC.stress = false
      end
    end

    private

    # Where the methods stand: specs stub some of them on any instance, which RSpec refuses for what was prepended.
    def put_around(owner, names)
      names.each do |name|
        original = owner.instance_method(name)
        owner.define_method(name) { |*arguments| GcStress.call(name) { original.bind_call(self, *arguments) } }
      end
    end
  end
end
