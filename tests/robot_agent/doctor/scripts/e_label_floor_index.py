# a data set that computes its label by the wrong division: always 0; kind: labels-constant
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Folder(Dataset):
    """100 pictures of each of 4 classes"""

    def __init__(self, per_class=100):
        g = torch.Generator().manual_seed(0)
        self.per_class = per_class
        self.means = torch.randn(4, 16, generator=g)

    def __len__(self):
        return 4 * self.per_class

    def __getitem__(self, i):
        label = i // len(self)  #! label = i // self.per_class
        true = i // self.per_class
        return self.means[true] + 0.5 * torch.randn(16), label  #+


torch.manual_seed(0)
loader = DataLoader(Folder(), batch_size=40, shuffle=True)
net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(5):
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)  #+
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
