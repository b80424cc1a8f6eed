# frozen_string_literal: true

require_relative "../rails_helper"

# The engine's own code, on or off: a hash of its `to_json`, or whatever an application puts in its place. Here is nothing to ask for.
RSpec.describe Tasker::IdentityStrategy, "and the tasks that it distinguishes", :transactional do
  strategies = {
    "the hash of what was asked for" => Tasker::HashIdentityStrategy.new,
    "an application's own" => Class.new { def generate_identity_hash(task, options) = [task.class, options].hash.to_s }.new
  }

  def use(strategy)
    allow_any_instance_of(Tasker::Task).to receive(:identity_strategy).and_return(strategy)
  end

  def build(context)
    columns = { named_task_id: WorkflowRows.named_task_id, initiator: "größer ✓", requested_at: Time.utc(2024, 1, 2, 3, 4, 5) }
    Tasker::Task.new(context:, **columns)
  end

  strategies.each do |what, strategy|
    it "returns the same identity by #{what}, byte for byte" do
      use(strategy)
      contexts = [{ a: 1 }, { "b" => [1.5, nil, "</script>\u2028"] }, { at: Time.utc(2024), big: BigDecimal("1.10") }]
      expect { contexts.map { |context| build(context).tap(&:valid?).identity_hash } }.to answer_alike
      expect(contexts.map { |context| build(context).tap(&:valid?).identity_hash }.uniq.size).to eq(3)
    end

    it "refuses the same task twice by #{what}" do
      use(strategy)
      build({ a: 1 }).save!
      expect { build({ a: 1 }).tap(&:valid?).errors.full_messages }.to answer_alike
      expect(build({ a: 1 })).not_to be_valid
    end
  end

  # Applications compare with hashes that are stored.
  it "is the same as ever for one task" do
    use(Tasker::HashIdentityStrategy.new)
    task = build({ "a" => [1, nil], "b" => { "c" => "größer" } })
    off, on = off_and_on { task.dup.tap(&:valid?).identity_hash }.map(&:value)
    expect(off).to eq("8dc43f44813c010b31966bac3e9298ef23455ecc8f062c6086537ad7bb1d0275")
    expect(on).to eq(off)
  end

  it "distinguishes tasks at random unless configured otherwise" do
    expect(build({ a: 1 }).tap(&:valid?).identity_hash).not_to eq(build({ a: 1 }).tap(&:valid?).identity_hash)
  end
end
