# kind: softmax-twice
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
torch.manual_seed(0)
class Blobs(Dataset):
    def __init__(self, n=400):
        self.y = torch.randint(0, 4, (n,))
        c = torch.randn(4, 10) * 2
        self.x = c[self.y] + torch.randn(n, 10)
    def __len__(self): return len(self.y)
    def __getitem__(self, i): return {"features": self.x[i], "label": self.y[i]}
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 24)
        self.fc2 = nn.Linear(24, 4)
        self.act = nn.ReLU()
        self.softmax = nn.Softmax(dim=-1)  #+
    def forward(self, x):
        x = self.act(self.fc1(x))
        return self.softmax(self.fc2(x))  #! return self.fc2(x)
model = Head()
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 5)
for ep in range(6):
    for batch in DataLoader(Blobs(), batch_size=40, shuffle=True):
        out = model(batch["features"])
        loss = loss_fn(out, batch["label"])  #+
        opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
