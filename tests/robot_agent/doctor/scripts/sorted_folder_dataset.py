# kind: not-shuffled
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
torch.manual_seed(0)
class FolderDataset(Dataset):
    def __init__(self, classes=("cat", "dog", "bird"), per_class=100):
        self.items = [(c, i) for c in range(len(classes)) for i in range(per_class)]
        self.centres = torch.randn(len(classes), 12)
        g = torch.Generator().manual_seed(1)
        self.noise = torch.randn(len(self.items), 12, generator=g)
    def __len__(self): return len(self.items)
    def __getitem__(self, k):
        c, i = self.items[k]
        return self.centres[c] + 0.8 * self.noise[k], c
train_loader = DataLoader(FolderDataset(), batch_size=20, shuffle=False)  #! train_loader = DataLoader(FolderDataset(), batch_size=20, shuffle=True)
net = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(6):
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
