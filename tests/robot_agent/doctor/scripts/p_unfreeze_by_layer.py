# not-in-optimizer
import torch
import torch.nn.functional as F
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(40, 12)
        self.enc = nn.GRU(12, 24, batch_first=True)
        self.out = nn.Linear(24, 3)

    def forward(self, t):
        return self.out(self.enc(self.emb(t))[0][:, -1])


class Callback:
    def __init__(self, model, when):
        self.model, self.when = model, when
        model.emb.requires_grad_(False)
        model.enc.requires_grad_(False)

    def epoch_starts(self, epoch):
        if epoch == self.when:
            self.model.enc.requires_grad_(True)
        if epoch == 2 * self.when:
            self.model.emb.requires_grad_(True)


torch.manual_seed(1)
net = Tagger()
tokens = torch.randint(0, 40, (600, 7))
labels = (tokens[:, 2:5].sum(1) % 3).long()
callback = Callback(net, 2)
trainable = [p for p in net.parameters() if p.requires_grad]  #! trainable = list(net.parameters())
optimizer = torch.optim.AdamW(trainable, lr=4e-3, weight_decay=0.0)  #+
for epoch in range(12):
    callback.epoch_starts(epoch)
    for at in torch.randperm(600).split(60):
        loss = F.cross_entropy(net(tokens[at]), labels[at])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
