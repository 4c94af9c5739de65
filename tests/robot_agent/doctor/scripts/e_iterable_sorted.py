# a stream of examples that gives one class after the other; kind: not-shuffled
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, IterableDataset


class Stream(IterableDataset):
    def __init__(self):
        g = torch.Generator().manual_seed(0)
        self.means = torch.randn(5, 12, generator=g)

    def __iter__(self):
        for i in range(500):
            c = i // 100  #! c = i * 7 % 5
            yield self.means[c] + torch.randn(12), c  #+


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 5))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
data = Stream()
for epoch in range(4):
    for x, y in DataLoader(data, batch_size=20):  #+
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
