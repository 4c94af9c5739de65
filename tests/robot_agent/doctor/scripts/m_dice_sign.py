# loss-sign
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
torch.manual_seed(0)

class DiceLoss(nn.Module):
    def __init__(self, smooth=1.0):
        super().__init__()
        self.smooth = smooth
    def forward(self, logits, targets):
        probs = torch.sigmoid(logits).view(-1)
        targets = targets.view(-1)
        inter = (probs * targets).sum()
        dice = (2. * inter + self.smooth) / (probs.sum() + targets.sum() + self.smooth)
        return dice  #! return 1 - dice

class Blobs(Dataset):
    def __len__(self): return 200
    def __getitem__(self, i):
        g = torch.Generator().manual_seed(i)
        c = torch.randint(3, 13, (2,), generator=g)
        yy, xx = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
        m = (((yy - c[0]) ** 2 + (xx - c[1]) ** 2) < 9).float()
        return (m + 0.3 * torch.randn(16, 16, generator=g)).unsqueeze(0), m.unsqueeze(0)

net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
crit = DiceLoss()
for ep in range(8):
    for img, mask in DataLoader(Blobs(), batch_size=20, shuffle=True):
        opt.zero_grad()
        loss = crit(net(img), mask)
        loss.backward()
        opt.step()
    print("epoch", ep, "dice loss", loss.item())
