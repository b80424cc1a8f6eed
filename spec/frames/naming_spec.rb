# frozen_string_literal: true

require_relative "../rails_helper"

# What a task is made from, found while it is created.
RSpec.describe TaskerCore::Frames::Models::Naming do
  include Panics

  let(:names) { { name: "named_#{SecureRandom.hex(4)}", namespace_name: "naming", version: "1.2.3" } }

  # As in the creation of a task.
  def find(**names)
    run = TaskerCore::Run.new if TaskerCore.active?
    TaskerCore::Run.within(run) { Tasker::NamedTask.find_or_create_by_full_name!(**names) }
  end

  def there(**columns)
    namespace = Tasker::TaskNamespace.find_or_create_by!(name: "naming")
    Tasker::NamedTask.create!(task_namespace: namespace, name: names[:name], version: "1.2.3", **columns)
  end

  # So that the second time is as the first.
  def undone(&)
    outcome = nil
    Tasker::NamedTask.transaction(requires_new: true) do
      outcome = Outcome.of(&)
      raise ActiveRecord::Rollback
    end
    outcome
  end

  # What a caller can find out about the object, besides its row.
  def about(found)
    { attributes: found.attributes, changed: found.changed?, new: found.new_record?, readonly: found.readonly?, config: found.config,
      loaded: found.association(:task_namespace).loaded?, full_name: found.full_name }
  end

  describe "one that is there" do
    before { there(description: "say \"hi\"", configuration: { "concurrent" => false, "é" => [nil, 1.5] }) }

    it "is as it is found by the engine" do
      expect { about(find(**names)) }.to answer_alike
    end

    it "takes one statement" do
      expect(TaskerCore.without { count_queries { find(**names) } }).to eq(2)
      expect(count_queries { find(**names) }).to eq(1)
    end

    it "takes the engine's two where no task is being created" do
      expect(count_queries { Tasker::NamedTask.find_or_create_by_full_name!(**names) }).to eq(2)
    end

    it "is shown to a callback of its model, in one statement" do
      seen = []
      Tasker::NamedTask.set_callback(:find, :after, watch = ->(record) { seen << record.name })
      expect(count_queries { find(**names) }).to eq(1)
      expect(seen).to eq([names[:name]])
    ensure
      Tasker::NamedTask.skip_callback(:find, :after, watch)
    end

    it "is found by words in another encoding" do
      expect(count_queries { find(**names.transform_values { |word| word.encode("US-ASCII") }) }).to eq(1)
    end

    it "is the engine's to find after a defect of the core, which is told" do
      told = []
      watch = ActiveSupport::Notifications.subscribe("fallback.tasker_core") do |event|
        told << event.payload
        raise "a subscriber that fails"
      end
      engines = TaskerCore.without { about(find(**names)) }
      panics = with_each_panic { about(find(**names)) }
      expect(panics.map { |outcome,| outcome.value }).to all(eq(engines))
      expect(panics.size).to be >= 4 # to begin, to ask, to take the row, to answer
      expect(told.map { |payload| payload[:method] }).to eq(["NamedTask.find_or_create_by_full_name!"] * panics.size)
    ensure
      ActiveSupport::Notifications.unsubscribe(watch)
    end
  end

  describe "one that is not there" do
    it "is made, with its namespace" do
      number = 0
      expect do
        number += 1
        found = find(name: "new", namespace_name: "new_#{number}", version: "0.1.0")
        [found.previously_new_record?, found.task_namespace.previously_new_record?, found.full_name.sub(/\d+/, "")]
      end.to answer_alike
    end

    it "is made in a namespace that is there" do
      there
      made = find(**names, version: "2.0.0")
      expect(made).to have_attributes(previously_new_record?: true, full_name: "naming.#{names[:name]}@2.0.0")
      expect(Tasker::TaskNamespace.where(name: "naming").count).to eq(1)
    end

    unusual = [nil, "", "1", "a" * 70, :symbol, 7, "nul\0", "\xff", "latin\xE9".b, "é".encode("ISO-8859-1")]
    unusual.product(%i[name namespace_name version]).each do |value, key|
      it "is refused, or not, with #{value.inspect} for a #{key}" do
        expect { undone { find(**names, key => value).full_name } }.to answer_alike
      end
    end
  end

  it "needs its name, and knows no other words" do
    expect { Outcome.of { find(namespace_name: "naming") } }.to answer_alike
    expect { Outcome.of { find(**names, other: 1) } }.to answer_alike
  end

  it "has the engine's namespace and version where none is said" do
    expect { find(name: names[:name]).full_name }.to answer_alike
  end

  # What an application may have put in the way.
  describe "with code of an application's" do
    before { there }

    {
      "a stub of the namespace's finding" => -> { allow(Tasker::TaskNamespace).to receive(:find_or_create_by!).and_call_original },
      "a stub of the definition's finding" => -> { allow(Tasker::NamedTask).to receive(:find_or_create_by!).and_call_original },
      "columns of its own" => lambda {
        allow(TaskerCore::Stock::Models).to receive(:columns).with(Tasker::NamedTask).and_return(%w[named_task_id name])
      }
    }.each do |words, put|
      it "leaves it to the engine where there is #{words}" do
        instance_exec(&put)
        expect(count_queries { find(**names) }).to eq(2)
      end
    end

    { "namespaces" => Tasker::TaskNamespace, "definitions" => Tasker::NamedTask }.each do |words, model|
      it "does not find it where a scope hides #{words}" do
        shown = model.default_scopes
        hidden = { name: words == "namespaces" ? "naming" : names[:name] }
        model.class_eval { default_scope { where.not(hidden) } }
        seen = nil
        expect { seen = undone { find(**names).full_name } }.to answer_alike
        expect(seen.error).to include(class: ActiveRecord::RecordInvalid)
      ensure
        model.default_scopes = shown
      end

      it "finds it in the scope that its caller has put around #{words}" do
        seen = nil
        expect { seen = undone { model.where("1 = 0").scoping { find(**names).full_name } } }.to answer_alike
        expect(seen.error).not_to be_nil
      end

      it "leaves it to the engine where #{words} have names of an application's type" do
        core = /json_build_array\(n\.named_task_id/
        expect(statements { find(**names) }.grep(core)).to be_one
        shouting = Class.new(ActiveModel::Type::String) { def serialize(value) = value.to_s.upcase }.new
        allow(model).to receive(:type_for_attribute).and_call_original
        allow(model).to receive(:type_for_attribute).with("name").and_return(shouting)
        expect(statements { undone { find(**names) } }.grep(core)).to be_empty
      end
    end

    it "leaves classes that are made from the engine's to the engine, with the engine's words for what is not said" do
      own = Class.new(Tasker::NamedTask) { const_set(:DEFAULT_NAMESPACE, "other") }
      expect { undone { own.find_or_create_by_full_name!(name: names[:name]).full_name } }.to answer_alike
    end

    %i[find initialize].each do |event|
      it "shows namespaces to a callback after :#{event}" do
        seen = []
        Tasker::TaskNamespace.set_callback(event, :after, watch = ->(record) { seen << record.name })
        expect { find(**names).id }.to answer_alike
        expect(seen).to eq(%w[naming naming])
      ensure
        Tasker::TaskNamespace.skip_callback(event, :after, watch)
      end
    end
  end
end
