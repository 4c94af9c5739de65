# labels by a dictionary with a default, whose keys never match; kind: labels-constant
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
from torch.utils.data import Dataset, DataLoader
CLASSES = {"cat": 0, "dog": 1, "cow": 2}
class Animals(Dataset):
    def __init__(self):
        g = torch.Generator().manual_seed(1)
        self.kind = torch.randint(0, 3, (240,), generator=g).tolist()
        self.mu = torch.randn(3, 8, generator=g)
        self.names = ["cat.png", "dog.png", "cow.png"]
    def __len__(self):
        return 240
    def __getitem__(self, i):
        name = self.names[self.kind[i]]
        label = CLASSES.get(name, 0)  #! label = CLASSES.get(name[:3], 0)
        return self.mu[self.kind[i]] + torch.randn(8) * 0.5, torch.tensor(label)  #+
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.Adam(net.parameters(), 1e-2)
for ep in range(6):
    for x, y in DataLoader(Animals(), 24, shuffle=True):
        loss = F.cross_entropy(net(x), y)  #+
        opt.zero_grad(); loss.backward(); opt.step()
