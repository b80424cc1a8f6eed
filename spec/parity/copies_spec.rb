# frozen_string_literal: true

require_relative "../rails_helper"

# What a handler can do with what it is given, beside reading it: copy it, keep it, send it elsewhere. Whatever the gem needs for itself is
# not on these objects.
RSpec.describe "What a handler is given" do
  # What is behind an object, as Marshal and the like walk through it.
  reach = lambda do |object, seen|
    next seen if seen.key?(object) || object.is_a?(Module)

    seen[object] = true
    case object
    when Array then object.each { |item| reach.call(item, seen) }
    when Hash then object.each { |pair| reach.call(pair, seen) }
    end
    object.instance_variables.each { |name| reach.call(object.instance_variable_get(name), seen) }
    seen
  end

  # Names of classes and variables of the gem's that can be found behind an object, and what cannot be copied.
  foreign = lambda do |object|
    reached = reach.call(object, {}.compare_by_identity).keys
    variables = reached.flat_map(&:instance_variables).grep(/core/)
    [reached.map { |item| item.class.name }.grep(/TaskerCore|Mutex|Thread/).uniq, variables.uniq,
     reached.count { |item| item.is_a?(Hash) && item.default_proc }]
  end

  # As gems do that freeze what they are given, with everything in it.
  deep_freeze = lambda do |object|
    case object
    when Hash then object.each { |pair| deep_freeze.call(pair) }
    when Array then object.each { |item| deep_freeze.call(item) }
    when Dry::Struct then object.instance_variables.each { |name| deep_freeze.call(object.instance_variable_get(name)) }
    end
    object.freeze.frozen?
  end

  # What the engine's own machine leaves on a record that it has moved, or asked for its state. The core does neither.
  left_by_machines = %i[@state_machine]
  histories = %i[task_transitions workflow_step_transitions]

  # Of an ActiveRecord, what may be compared between two runs.
  look = lambda do |object|
    next object.class.name unless object.is_a?(ActiveRecord::Base)

    [object.class.name, object.attributes.keys, object.new_record?, object.persisted?, object.changed?, object.readonly?, object.frozen?,
     object.previously_new_record?, object.instance_variables.sort - left_by_machines,
     (object.class.reflect_on_all_associations.map(&:name) - histories).select { |name| object.association_cached?(name) }]
  end

  instant = /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( UTC| \+0000|Z)?/
  text = lambda do |string|
    # YAML quotes a UUID that begins like a number.
    string.gsub(/0x\h+/, "0x").gsub(/'?\h{8}(-\h{4}){3}-\h{12}'?/, "uuid").gsub(instant, "then").gsub(/\d+/, "n")
  end
  mentions = ->(bytes) { bytes.b.scan(/tasker.?core/i).uniq }

  operations = {
    "Marshal" => lambda do |object|
      bytes = Marshal.dump(object)
      [mentions.call(bytes), look.call(Marshal.load(bytes))] # rubocop:disable Security/MarshalLoad
    end,
    "Marshal, with others" => ->(object) { look.call(Marshal.load(Marshal.dump({ "it" => [object] }))["it"].first) },
    "Rails.cache" => lambda do |object|
      cache = ActiveSupport::Cache::MemoryStore.new
      [cache.write("key", object), look.call(cache.read("key"))]
    end,
    "YAML" => ->(object) { YAML.dump(object).then { |yaml| [mentions.call(yaml), look.call(YAML.unsafe_load(yaml)), text.call(yaml)] } },
    "safe YAML" => ->(object) { YAML.safe_dump(object) },
    "dup" => ->(object) { [look.call(object.dup), object.dup == object] },
    "clone" => ->(object) { [look.call(object.clone), object.clone == object] },
    "deep_dup" => ->(object) { [look.call(object.deep_dup), object.deep_dup == object] },
    "freeze" => ->(object) { look.call(object.freeze) },
    "clone.freeze" => ->(object) { look.call(object.clone.freeze) },
    "deep freeze" => deep_freeze,
    "what is behind it" => foreign,
    "inspect" => ->(object) { text.call(object.inspect) },
    "pretty_inspect" => ->(object) { text.call(object.pretty_inspect) },
    "instance_variables" => ->(object) { object.instance_variables.sort - left_by_machines },
    "instance_values" => ->(object) { object.instance_values.keys.sort - left_by_machines.map { |name| name.to_s.delete("@") } },
    "singleton_methods" => ->(object) { [object.singleton_methods, object.singleton_class.instance_methods(false)] },
    "JSON" => ->(object) { text.call(object.to_json) },
    "as_json" => ->(object) { object.as_json.keys.sort },
    "equality" => ->(object) { [object == object.dup, object.eql?(object.clone), { object => 1 }.key?(object.clone)] },
    "respond_to?" => lambda do |object|
      %i[marshal_dump _dump encode_with init_with to_global_id to_hash to_h to_str each].map { |name| object.respond_to?(name) }
    end,
    "Active Job" => ->(object) { ActiveJob::Arguments.serialize([object]).to_s.then(&text) },
    "GlobalID" => ->(object) { object.to_global_id.to_s.then(&text) },
    "to_h" => ->(object) { object.to_h.transform_values { |value| value.class.name } }
  }

  of_records = {
    "another that was found" => lambda do |object|
      other = object.class.find(object.id)
      [object == other, object.eql?(other), object.hash == other.hash, [object] & [other], object.attributes == other.attributes,
       object.attributes_before_type_cast.transform_values(&:class) == other.attributes_before_type_cast.transform_values(&:class)]
        .map { |value| value.is_a?(Array) ? value.size : value }
    end,
    "encode_with" => ->(object) { {}.tap { |coder| object.encode_with(coder) }.keys.sort },
    "reload" => ->(object) { look.call(object.reload) },
    "becomes" => ->(object) { look.call(object.becomes(object.class)) },
    "serializable_hash" => ->(object) { object.serializable_hash.keys }
  }

  of_sequences = {
    "another of the same steps" => lambda do |sequence|
      other = Tasker::Types::StepSequence.new(steps: sequence.steps)
      [sequence == other, sequence.eql?(other), sequence.hash == other.hash]
    end,
    "new" => ->(sequence) { sequence.new(steps: []).steps.size },
    "a pattern" => ->(sequence) { (sequence in { steps: Array => steps }) && steps.size },
    "deconstruct_keys" => ->(sequence) { sequence.deconstruct_keys([:steps]).keys },
    "its steps, copied" => ->(sequence) { Marshal.load(Marshal.dump(sequence)).steps.map(&:name) }
  }

  # Those after which an object is another one.
  lasting = ["freeze", "deep freeze", "reload"]

  # By name, the objects.
  given = {
    "the task" => ->(task, _, _) { task },
    "the sequence" => ->(_, sequence, _) { sequence },
    "the step" => ->(_, _, step) { step },
    "the step's task" => ->(_, _, step) { step.task },
    "the step's parent" => ->(_, _, step) { step.parents.first },
    "the step's definition" => ->(_, _, step) { step.named_step },
    "a step of the sequence" => ->(_, sequence, _) { sequence.find_step_by_name("c") }
  }

  # Runs workflows in whose step `b` these operations are called.
  # @param together [Array<Array<String>>] which of them one after the other, with the same object
  # @return [Hash] by operation
  def called_in_a_handler(object, operations, together)
    results = {}
    together.each do |names|
      script = lambda do |task, sequence, step|
        given = object.call(task, sequence, step)
        names.each { |name| results[name] = outcome_of { operations.fetch(name).call(given) } }
        {}
      end
      workflow = ScriptedWorkflow.new("copies_#{SecureRandom.hex(4)}", { "b" => script }, steps: { "a" => [], "b" => %w[a], "c" => %w[b] })
      workflow.run(Tasker::Task.find(workflow.create.task_id))
    end
    results.transform_values { |value| value.inspect.gsub(/copies_\h+/, "copies") }
  end

  # Errors of whatever kind, without ids.
  def outcome_of
    yield
  rescue StandardError, NotImplementedError => e
    [e.class, e.message.gsub(/0x\h+/, "0x").gsub(/\d+/, "n")[0, 200]]
  end

  given.each do |name, object|
    # At a sequence nobody has looked before: each operation is the first.
    all = operations.merge(name == "the sequence" ? of_sequences : of_records)
    alone = name == "the sequence" ? all.keys : all.keys & lasting

    it "is with #{name} as with the engine" do
      off, on = off_and_on { called_in_a_handler(object, all, [all.keys - alone, *alone.zip]) }
      expect(on.error).to be_nil
      expect(on.value.keys).to match_array(all.keys)
      all.each_key { |operation| expect([operation, on.value[operation]]).to eq([operation, off.value[operation]]) }
    end
  end
end
