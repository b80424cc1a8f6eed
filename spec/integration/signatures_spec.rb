# frozen_string_literal: true

require_relative "../rails_helper"

# What the gem defines in the engine's classes looks like what was there: on the same class, with the same visibility and parameters.
RSpec.describe TaskerCore do
  # Every method that a class of the engine defines itself, with its parameters.
  def self.own_methods(owner)
    named = %i[key keyreq]
    %i[public protected private].flat_map do |visibility|
      owner.public_send("#{visibility}_instance_methods", false).map do |name|
        # The names of positional parameters, and of what takes the rest, cannot be seen by callers.
        parameters = owner.instance_method(name).parameters.map { |kind, word| named.include?(kind) ? [kind, word] : [kind] }
        [visibility, name, parameters]
      end
    end
  end

  def self.engine_classes
    models = Dir[Tasker::Engine.root.join("app/models/tasker/*.rb")].map { |file| File.basename(file, ".rb").camelize }
    library = %w[functions state_machine orchestration].flat_map do |folder|
      Dir[Tasker::Engine.root.join("lib/tasker/#{folder}/*.rb")].map { |file| "#{folder}/#{File.basename(file, ".rb")}".camelize }
    end
    others = %w[Events::Publisher Events::EventPayloadBuilder StepHandler::Base StepHandler::AutomaticEventPublishing
                TaskHandler::InstanceMethods Concerns::EventPublisher]
    [*models, *library, *others].filter_map { |name| "Tasker::#{name}".safe_constantize }
  end

  def self.signatures
    engine_classes.flat_map do |klass|
      [[klass, klass.name], [klass.singleton_class, "#{klass.name}.class"]].flat_map do |owner, name|
        own_methods(owner).map { |method| [name, *method] }
      end
    end
  end

  # The same in a process that has the engine alone: this file's methods, and nothing else of it, are what it is told.
  let(:of_the_engine) do
    source = File.read(__FILE__)[/^  # Every method.*^  # The same/m].delete_suffix("# The same")
    with_gemfile('gem "tasker-engine", require: "tasker"') do |gemfile|
      run_in_dummy("#{source}\nputs JSON.generate(signatures)", gemfile:).answer
    end
  end
  let(:here) { JSON.parse(JSON.generate(self.class.signatures)) }

  it "leaves the methods of the engine as they look, and adds no public one" do
    expect(of_the_engine.size).to be > 500
    missing = of_the_engine - here
    expect(missing).to be_empty
    added = (here - of_the_engine).select { |name, visibility, method, _| visibility == "public" && own?(name, method) }
    expect(added.reject { |name, _, method, _| inherited?(name, method) }).to be_empty
  end

  # Whether a class has the method from elsewhere, too: from Statesman or ActiveRecord.
  def inherited?(name, method)
    owner = name.delete_suffix(".class").constantize
    owner = owner.singleton_class if name.end_with?(".class")
    Statesman::Machine.public_method_defined?(method) || (owner.ancestors - [owner]).any? { |above| above.public_method_defined?(method, false) }
  end

  # ActiveRecord, too, writes methods into models as they are used.
  def own?(name, method)
    owner = name.delete_suffix(".class").constantize
    owner = owner.singleton_class if name.end_with?(".class")
    owner.instance_method(method).source_location&.first.to_s.include?("tasker_core")
  end

  it "adds nothing to the ancestors of the engine's classes" do
    ancestors = self.class.engine_classes.flat_map { |klass| klass.ancestors + klass.singleton_class.ancestors }.uniq
    expect(ancestors.filter_map(&:name).grep(/TaskerCore/)).to be_empty
  end
end
