# frozen_string_literal: true

require "json"
require "open3"

# Random chains of the engine's scopes, answered by ActiveRecord and by the crate (examples/scopes.rs).
module ScopeChains
  ROOT = File.expand_path("../..", __dir__)

  # A scope of a model.
  #
  # @!attribute arguments
  #   @return [Proc] draws its arguments, as JSON has them
  # @!attribute call
  #   @return [Proc] gets the relation and the arguments
  # @!attribute fixed
  #   @return [Boolean] whether `call` stands for a scope that the engine gets wrong: docs/schema.md lists them
  Scope = Data.define(:name, :arguments, :call, :fixed)

  # A model and the names of its scopes.
  #
  # @!attribute unordered
  #   @return [Array<String>] scopes whose order leaves open which row is the first
  Subject = Data.define(:model, :scopes, :unordered)

  class << self
    # @param chains [Array<Hash>]
    # @return [Array<Hash>] what the crate finds in the specs' database
    def native(chains)
      output, errors, status = Open3.capture3(
        *%w[cargo run --quiet --package tasker-core --all-features --example scopes], stdin_data: chains.to_json, chdir: ROOT
      )
      raise "examples/scopes.rs failed: #{errors}" unless status.success?

      JSON.parse(output)
    end

    # @param chain [Hash] as {#draw} makes it
    # @return [Hash] what ActiveRecord finds, in the shape of the crate's answers
    def active_record(chain)
      subject = subjects.fetch(chain[:model])
      names = chain[:scopes].map(&:first)
      relation = relation(subject, chain[:scopes])
      first = relation.first&.id unless names.intersect?(subject.unordered) # of loaded rows it would be any
      keys = relation.to_a.map(&:id).sort
      return { "keys" => keys, "count" => keys.size, "exists" => keys.any?, "first" => first } if names.include?("latest_versions")

      { "keys" => keys, "count" => relation.count, "exists" => relation.exists?, "first" => first }
    end

    # @param random [Random]
    # @return [Hash] a model and up to four of its scopes, one of them perhaps twice
    def draw(random)
      name, subject = subjects.to_a.sample(random:)
      scopes = Array.new(random.rand(0..4)) do
        scope = subject.scopes.values.sample(random:)
        [scope.name, *scope.arguments.call(random)]
      end
      { model: name, scopes: }
    end

    # @return [Hash{String => Subject}]
    def subjects
      @subjects ||= ScopeSubjects.all
    end

    private

    # The latest versions of the rows that all other scopes leave. The engine can neither count these nor say whether there are any.
    def relation(subject, scopes)
      relation = scopes.reduce(subject.model.all) do |found, (name, *arguments)|
        subject.scopes.fetch(name).call.call(found, *arguments)
      end
      return relation unless scopes.any? { |name,| name == "latest_versions" }

      subject.model.where(named_task_id: relation.pluck(:named_task_id)).latest_versions
    end
  end
end
