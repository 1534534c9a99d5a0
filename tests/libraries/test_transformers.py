"""transformers: tiny random models make the whole journey."""

import pytest
from tests.libraries.tiny import WORDS, bert, same_weights, tokenizer


def test_a_model_and_its_tokenizer_come_back_equal(ada, eve, hub, repo):
    def push(api):
        bert().push_to_hub(repo)
        tokenizer().push_to_hub(repo)
        info = api.model_info(repo)
        return (
            info.library_name,
            info.pipeline_tag,
            info.safetensors.total == sum(p.numel() for p in bert().parameters()),
            info.config["architectures"],
        )

    def pull():
        from transformers import AutoConfig, AutoModelForMaskedLM, AutoTokenizer, pipeline

        assert AutoConfig.from_pretrained(repo).model_type == "bert"
        model = AutoModelForMaskedLM.from_pretrained(repo)
        assert same_weights(model, bert())
        words = AutoTokenizer.from_pretrained(repo)
        assert words("the hub keeps")["input_ids"] == [2, 5, 6, 7, 3]
        [best, *_] = pipeline("fill-mask", model=repo, top_k=3)("the [MASK] keeps every byte .")
        assert best["token_str"] in WORDS

    assert ada.run(push) == ("transformers", "fill-mask", True, ["BertForMaskedLM"])
    eve.run(pull)


def test_a_sharded_private_model_comes_back_to_its_owner_only(ada, eve, repo):
    def push(api):
        bert(4).push_to_hub(repo, max_shard_size="50KB", private=True, commit_message="In shards")
        shards = [name for name in api.list_repo_files(repo) if name.endswith(".safetensors")]
        metadata = api.get_safetensors_metadata(repo)
        return len(shards), metadata.sharded, api.list_repo_commits(repo)[0].title

    def pull():
        from transformers import AutoModelForMaskedLM

        return same_weights(AutoModelForMaskedLM.from_pretrained(repo), bert(4))

    def refused():
        from transformers import AutoModelForMaskedLM

        with pytest.raises(OSError, match=r"not a valid model identifier|not a local folder|gated|private"):
            AutoModelForMaskedLM.from_pretrained(repo)

    assert ada.run(push) == (4, True, "In shards")
    assert ada.run(pull)
    eve.run(refused)


def test_a_revision_keeps_its_weights(ada, eve, repo):
    def push(api):
        bert(1).push_to_hub(repo)
        api.create_tag(repo, tag="v1")
        bert(2).push_to_hub(repo)

    def pull():
        from transformers import AutoModelForMaskedLM

        load = AutoModelForMaskedLM.from_pretrained
        return same_weights(load(repo, revision="v1"), bert(1)), same_weights(load(repo), bert(2))

    ada.run(push)
    assert eve.run(pull) == (True, True)


def test_a_text_generator_speaks_the_same_after_the_journey(ada, eve, repo):
    def model():
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM

        torch.manual_seed(3)
        config = LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            bos_token_id=2,
            eos_token_id=3,
            pad_token_id=0,
        )
        return LlamaForCausalLM(config).eval()

    def say(model):
        words = tokenizer()(
            "the hub keeps", return_tensors="pt", add_special_tokens=False, return_token_type_ids=False
        )
        return model.generate(**words, max_new_tokens=8, do_sample=False).tolist()

    def push():
        model().push_to_hub(repo)
        tokenizer().push_to_hub(repo)
        return say(model())

    def pull(api):
        from transformers import AutoModelForCausalLM, pipeline

        assert api.model_info(repo).pipeline_tag == "text-generation"
        [spoken] = pipeline("text-generation", model=repo, max_new_tokens=3, do_sample=False)("the hub")
        assert spoken["generated_text"].startswith("the hub")
        return say(AutoModelForCausalLM.from_pretrained(repo))

    assert ada.run(push) == eve.run(pull)


def test_a_trainer_pushes_what_it_trained(ada, eve, repo):
    def train(api, tmp):
        import torch
        from transformers import Trainer, TrainingArguments

        rows = [
            {"input_ids": torch.tensor([2, 5, 4, 7, 3]), "labels": torch.tensor([-100, -100, 6, -100, -100])}
            for _ in range(8)
        ]
        arguments = TrainingArguments(
            output_dir=str(tmp / "run"),
            push_to_hub=True,
            hub_model_id=repo,
            max_steps=2,
            per_device_train_batch_size=4,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
        )
        trainer = Trainer(model=bert(), args=arguments, train_dataset=rows)
        trainer.train()
        trainer.push_to_hub(dataset="ada/words", tags=["trained"])
        info = api.model_info(repo)
        return (
            "trained" in info.tags,
            "generated_from_trainer" in info.tags,
            {name: tensor.tolist() for name, tensor in trainer.model.state_dict().items() if "cls" in name},
        )

    def pull():
        from transformers import AutoModelForMaskedLM

        model = AutoModelForMaskedLM.from_pretrained(repo)
        return {name: tensor.tolist() for name, tensor in model.state_dict().items() if "cls" in name}

    tagged, generated, weights = ada.run(train)
    assert (tagged, generated) == (True, True)
    assert eve.run(pull) == weights


def test_code_of_a_model_travels_with_it(ada, eve, repo):
    """trust_remote_code: the library reads Python files of the repository at an exact commit."""

    def push(hf, api):
        api.create_repo(repo)
        files = {
            "config.json": b'{"model_type": "line", "slope": 2.0, "auto_map": {"AutoConfig": "line.LineConfig"}}',
            "line.py": b"from transformers import PretrainedConfig\n\n\nclass LineConfig(PretrainedConfig):\n    model_type = 'line'\n\n    def __init__(self, slope=1.0, **more):\n        self.slope = slope\n        super().__init__(**more)\n",
        }
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, data) for name, data in files.items()], commit_message="code"
        )

    def pull():
        from transformers import AutoConfig

        return AutoConfig.from_pretrained(repo, trust_remote_code=True).slope

    ada.run(push)
    assert eve.run(pull) == 2.0
