# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_tasks"

# The core writes other messages than the json-schema gem, whose own end in a random id, but it refuses the same contexts.
RSpec.describe "Contexts that a program in Rust is asked to create tasks with" do
  before(:context) { RustTasks.build }

  before { @rows_before = RustTasks.last_ids }

  after { RustTasks.remove_rows_after(@rows_before) }

  schema = {
    "type" => "object", "required" => %w[id other],
    "properties" => {
      "id" => { "type" => "integer", "minimum" => 1, "maximum" => 9, "exclusiveMaximum" => true },
      "size" => { "type" => %w[number null], "default" => 3 },
      "kind" => { "enum" => ["a", 1, nil], "default" => "a" },
      "words" => { "type" => "array", "items" => { "type" => "string", "minLength" => 1, "maxLength" => 2 },
                   "minItems" => 1, "maxItems" => 2, "default" => ["a"] },
      "inner" => { "type" => "object", "properties" => { "flag" => { "type" => "boolean" } }, "default" => { "flag" => true } },
      "open" => { "type" => "object", "additionalProperties" => true, "properties" => { "x" => {} }, "default" => { "x" => 1 } }
    }
  }
  plain = { "id" => 1, "other" => 2 }
  changes = [
    {}, { "id" => 0 }, { "id" => 9 }, { "id" => 8 }, { "id" => 1.0 }, { "id" => "1" }, { "id" => nil },
    { "size" => 1.5 }, { "size" => nil }, { "size" => "x" }, { "kind" => 1 }, { "kind" => nil }, { "kind" => "b" },
    { "words" => [] }, { "words" => ["é"] }, { "words" => ["", "a"] }, { "words" => %w[a b c] }, { "words" => ["abc"] },
    { "words" => [1] }, { "words" => "a" }, { "inner" => {} }, { "inner" => { "flag" => 1 } },
    { "inner" => { "flag" => true, "odd" => 1 } }, { "open" => { "x" => 1, "odd" => 1 } }, { "open" => {} }
  ]
  contexts = changes.map { |change| plain.merge(change).except("other") } + [{ "size" => 1 }, plain, { "id" => 1, "odd" => true }]
  schemas = [schema, schema.except("required"), schema.merge("required" => ["id"]), schema.merge("additionalProperties" => true),
             schema.merge("additionalProperties" => false), { "type" => "object" }, { "type" => "object", "required" => ["id"] }]

  it "are refused where the engine refuses them, for #{schemas.size * contexts.size} pairs of schemas and contexts" do
    random = Random.new(RSpec.configuration.seed)
    pairs = schemas.product(contexts)
    files = pairs.each_with_index.map do |(given, context), index|
      RustTasks::TaskFile.new(random, index, context: JSON.generate(context), schema: given)
    end
    rails = pairs.map { |given, context| JSON::Validator.fully_validate(given, context, strict: true, insert_defaults: true).any? }
    rust = RustTasks.run(files).map { |answer| answer.key?("error") }
    expect(pairs.zip(rust)).to eq(pairs.zip(rails))
    expect(rails.tally.values).to all(be > 20)
  end

  it "have a clear error where the schema uses what is not supported" do
    file = RustTasks::TaskFile.new(Random.new(1), 0, schema: { "properties" => { "batch" => { "pattern" => "x" } } })
    message = "the schema of the template's contexts uses what is not supported: pattern"
    expect(RustTasks.run([file])).to eq([{ "error" => message }])
  end
end
