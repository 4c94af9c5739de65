import argparse, torch
from torch import nn
def get_args():
    p = argparse.ArgumentParser(); p.add_argument("--epochs", type=int, default=4); p.add_argument("--gamma", type=float, default=0.7); p.add_argument("--no-cuda", action="store_true"); return p.parse_args()
class Net(nn.Module):
    def __init__(self): super().__init__(); self.c1 = nn.Conv2d(1, 8, 3, 1); self.c2 = nn.Conv2d(8, 8, 3, 1); self.d1 = nn.Dropout(0.25); self.f1 = nn.Linear(8 * 9, 32); self.f2 = nn.Linear(32, 4)
    def forward(self, x): x = torch.relu(self.c1(x)); x = torch.relu(self.c2(x)); x = torch.max_pool2d(x, 2); x = self.d1(x); return torch.log_softmax(self.f2(torch.relu(self.f1(torch.flatten(x, 1)))), dim=1)
def train(model, device, loader, opt, epoch):
    model.train()
    for i, (d, t) in enumerate(loader): d, t = d.to(device), t.to(device); opt.zero_grad(); loss = nn.functional.nll_loss(model(d), t); loss.backward(); opt.step()
def test(model, device, loader):
    model.eval(); loss = right = 0
    with torch.no_grad():
        for d, t in loader: o = model(d.to(device)); loss += nn.functional.nll_loss(o, t, reduction="sum").item(); right += o.argmax(1, keepdim=True).eq(t.view_as(o.argmax(1, keepdim=True))).sum().item()
    print(f"Average loss {loss / 200:.4f}, accuracy {right}/200")
def main():
    a = get_args(); torch.manual_seed(1); y = torch.randint(0, 4, (400,)); x = torch.randn(400, 1, 10, 10) * 0.3
    for i in range(400): x[i, 0, 2 * int(y[i]):2 * int(y[i]) + 2] += 1
    ds = torch.utils.data.TensorDataset(x, y); tr = torch.utils.data.DataLoader(ds, 40, shuffle=True); te = torch.utils.data.DataLoader(ds, 100); m = Net().to("cpu"); o = torch.optim.Adadelta(m.parameters(), lr=1.0); s = torch.optim.lr_scheduler.StepLR(o, 1, a.gamma)
    for e in range(a.epochs): train(m, "cpu", tr, o, e); test(m, "cpu", te); s.step()
if __name__ == "__main__": main()
